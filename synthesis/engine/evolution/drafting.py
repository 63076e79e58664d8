"""Writing a pack: an outline, the world, tools and intents a few at a time, the policy. Each call sees what was written before.

Parts come as YAML inside the answer, since strict schema modes take no open objects; they are read as strictly as a pack file and must fit
its schema. What only running shows is left to the audit.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any

import jsonschema_rs
import msgspec

from synthesis.engine.evolution.asking import Answered, Author, Wrong
from synthesis.engine.evolution.ideas import SLUG, TEXT, CatalogueView, domains_shown, listed, tools_shown, whole
from synthesis.engine.evolution.pack_work import INTENTS_AT_ONCE, TOOLS_AT_ONCE, IntentPlan, Outline, PackWork, ToolPlan
from synthesis.engine.packs import yaml_write
from synthesis.engine.packs.findings import PackError
from synthesis.engine.packs.parse import pack_schema
from synthesis.engine.packs.yaml_text import load, place

MOST_TOOLS = 24
MOST_INTENTS = 16
LEAST = {"tables": 3, "rules": 4, "tools": 4, "intents": 3}
SECTIONS = {
    "outline": ("Top level",),
    "world": ("Tables", "Programs"),
    "tools": ("Tools", "Programs"),
    "policy": ("Policy and checks", "Programs"),
    "intents": ("Intents", "Programs"),
}
"""Which parts of the format's reference a step is shown."""
Reference = Mapping[str, str]
"""The format's reference by its headings: docs/pack-format.md."""


async def write_next(author: Author, work: PackWork, view: CatalogueView, reference: Reference) -> Answered[PackWork]:
    """Write the next part of a pack. Raises NoAnswer, ChatErrors; ``work`` itself is left as it is."""
    stage = work.stage
    values = {"domain": idea_shown(work), "reference": "\n".join(reference.get(name, "") for name in SECTIONS[stage])}
    return await WRITERS[stage](author, work, view, values)


async def _outline(author: Author, work: PackWork, view: CatalogueView, values: dict[str, str]) -> Answered[PackWork]:
    def read(value: dict[str, Any]) -> PackWork:
        outline = msgspec.convert(value, Outline)
        _check_outline(outline)
        return _with(work, outline=outline)

    tool = whole(name=SLUG, description={"type": "string", "minLength": 10}, effect={"enum": ["read", "write"]}, parameters=listed(SLUG))
    intent = whole(id=SLUG, wants=TEXT, calls=listed(SLUG), special={"type": "string"})
    schema = whole(
        agent=TEXT,
        caller=SLUG,
        caller_table=SLUG,
        tables=listed(whole(name=SLUG, purpose=TEXT)),
        rules=listed(TEXT),
        tools=listed(tool),
        intents=listed(intent),
    )
    values |= {"domains": domains_shown(view.domains), "tools": tools_shown(view.tools)}
    return await author.ask("author_outline", values, schema, read)


def _check_outline(outline: Outline) -> None:
    names = {
        "tables": [t.name for t in outline.tables],
        "tools": [t.name for t in outline.tools],
        "intents": [i.id for i in outline.intents],
    }
    for part, most in (("tools", MOST_TOOLS), ("intents", MOST_INTENTS)):
        if len(names[part]) > most:
            raise Wrong(f"{len(names[part])} {part}: plan {most} at most.")
    for part, least in LEAST.items():
        if len(getattr(outline, part)) < least:
            raise Wrong(f"Only {len(getattr(outline, part))} {part}: plan {least} at least.")
    for part, given in names.items():
        if len(set(given)) < len(given):
            raise Wrong(f"Two of the {part} have one name.")
    if outline.caller_table not in names["tables"]:
        raise Wrong(f"caller_table is {outline.caller_table}, which is none of the tables.")
    unknown = [call for intent in outline.intents for call in intent.calls if call not in names["tools"]]
    if unknown:
        raise Wrong(f"Intents call {', '.join(sorted(set(unknown)))}, which no tool is called.")


async def _world(author: Author, work: PackWork, _view: CatalogueView, values: dict[str, str]) -> Answered[PackWork]:
    def read(value: dict[str, Any]) -> PackWork:
        world = part_of(value["yaml"], ("tables", "seed", "invariants", "helpers"))
        if "tables" not in world:
            raise Wrong("There is no entry tables.")
        assert work.outline is not None
        if work.outline.caller_table not in world["tables"]:
            raise Wrong(f"The table {work.outline.caller_table}, in which the caller stands, is missing.")
        return _with(work, world=world)

    return await author.ask("author_world", {**values, "outline": outline_shown(work)}, YAML, read)


async def _tools(author: Author, work: PackWork, _view: CatalogueView, values: dict[str, str]) -> Answered[PackWork]:
    assert work.outline is not None
    wanted = work.outline.tools[len(work.tools) :][:TOOLS_AT_ONCE]

    def read(value: dict[str, Any]) -> PackWork:
        tools = part_of(value["yaml"], ("tools",)).get("tools", [])
        _asked_for([tool["name"] for tool in tools], [tool.name for tool in wanted])
        return _with(work, tools=[*work.tools, *tools])

    values |= {
        "outline": outline_shown(work),
        "world": yaml_of(work.world),
        "tools": yaml_of({"tools": work.tools}) if work.tools else "none yet",
        "wanted": "\n".join(_tool_line(tool) for tool in wanted),
    }
    return await author.ask("author_tools", values, YAML, read)


async def _policy(author: Author, work: PackWork, _view: CatalogueView, values: dict[str, str]) -> Answered[PackWork]:
    def read(value: dict[str, Any]) -> PackWork:
        policy = part_of(value["yaml"], ("policy", "checks"))
        for name in ("policy", "checks"):
            if name not in policy:
                raise Wrong(f"There is no entry {name}.")
        return _with(work, policy=policy)

    values |= {"outline": outline_shown(work), "world": yaml_of(work.world), "tools": yaml_of({"tools": work.tools})}
    return await author.ask("author_policy", values, YAML, read)


async def _intents(author: Author, work: PackWork, _view: CatalogueView, values: dict[str, str]) -> Answered[PackWork]:
    assert work.outline is not None
    wanted = work.outline.intents[len(work.intents) :][:INTENTS_AT_ONCE]

    def read(value: dict[str, Any]) -> PackWork:
        intents = part_of(value["yaml"], ("intents",)).get("intents", [])
        _asked_for([intent["id"] for intent in intents], [intent.id for intent in wanted])
        return _with(work, intents=[*work.intents, *intents])

    values |= {
        "outline": outline_shown(work),
        "world": yaml_of(work.world),
        "tools": yaml_of({"tools": work.tools}),
        "policy": yaml_of(work.policy),
        "written": ", ".join(intent["id"] for intent in work.intents) or "none yet",
        "wanted": "\n".join(_intent_line(intent) for intent in wanted),
    }
    return await author.ask("author_intents", values, YAML, read)


Writer = Callable[[Author, PackWork, CatalogueView, dict[str, str]], Awaitable[Answered[PackWork]]]
WRITERS: dict[str, Writer] = {"outline": _outline, "world": _world, "tools": _tools, "policy": _policy, "intents": _intents}
YAML = whole(yaml=TEXT)


def part_of(text: str, allowed: Sequence[str]) -> dict[str, Any]:
    """Entries of a pack from YAML. Raises Wrong when it cannot be read, holds others than ``allowed``, or does not fit the format."""
    bare = text.strip("\n")
    if bare.startswith("```") and bare.endswith("```"):
        bare = bare[3:-3].removeprefix("yaml").strip("\n")
    try:
        document = load(bare + "\n")
    except PackError as error:
        raise Wrong(f"The YAML cannot be read: {error.findings[0]}") from None
    data = document.data
    if not isinstance(data, dict):
        raise Wrong(f"The YAML must be a mapping with {', '.join(allowed)}.")
    others = [str(key) for key in data if key not in allowed]
    if others:
        raise Wrong(f"The YAML has {', '.join(others)}, but only {', '.join(allowed)} were asked for.")
    misfit = next(_parts_validator().iter_errors(data), None)
    if misfit is not None:
        path = tuple(misfit.instance_path)
        raise Wrong(f"{place(path)} (line {document.line(path)}) does not fit the format: {misfit.message[:300]}")
    return data


@cache
def _parts_validator() -> Any:
    """The schema of pack files for a file of which parts are missing."""
    return jsonschema_rs.Draft202012Validator({**pack_schema(), "required": []})


def _asked_for(given: Sequence[str], wanted: Sequence[str]) -> None:
    if list(given) != list(wanted):
        raise Wrong(f"Asked for were {', '.join(wanted)}, in this order; given were {', '.join(given) or 'none'}.")


def _with(work: PackWork, **changes: Any) -> PackWork:
    return msgspec.structs.replace(work, **changes)


def yaml_of(part: Mapping[str, Any]) -> str:
    """A part of a pack as its author is shown it."""
    return yaml_write.mapping(dict(part), 0)


def idea_shown(work: PackWork) -> str:
    """The domain in lines."""
    idea = work.idea
    jobs = "".join(f"\n- {job}" for job in idea.jobs)
    return f"{idea.slug}: {idea.name} ({idea.category}), complexity {idea.complexity} of 5\n{idea.description}{jobs}"


def outline_shown(work: PackWork) -> str:
    """The plan in lines."""
    outline = work.outline
    assert outline is not None
    return "\n".join(
        [
            f"Agent: {outline.agent}",
            f"Caller: {outline.caller}, a row of {outline.caller_table}",
            "Tables:",
            *(f"- {table.name}: {table.purpose}" for table in outline.tables),
            "Policy:",
            *(f"{number}. {rule}" for number, rule in enumerate(outline.rules, 1)),
            "Tools:",
            *(_tool_line(tool) for tool in outline.tools),
            "Intents:",
            *(_intent_line(intent) for intent in outline.intents),
        ]
    )


def _tool_line(tool: ToolPlan) -> str:
    return f"- {tool.name}({', '.join(tool.parameters)}), {tool.effect}: {tool.description}"


def _intent_line(intent: IntentPlan) -> str:
    special = f" [{intent.special}]" if intent.special else ""
    return f"- {intent.id}: {intent.wants} Gold: {', '.join(intent.calls) or 'none'}.{special}"
