"""Variations that need more than the tool shed's everyday: siblings, and packs bent to be unfit."""

import pytest
from msgspec.structs import replace

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.environments.local import LocalWorlds
from synthesis.engine.packs.model import Pack, Related
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.randomness import rng_for
from synthesis.engine.scenarios.draft import Sibling
from synthesis.engine.scenarios.generate import GenerateReply, GenerateRequest, generate
from synthesis.engine.scenarios.scenario import WorldRef
from synthesis.engine.scenarios.siblings import nearest_siblings
from synthesis.engine.scenarios.variations.refusals import tables_written
from synthesis.engine.scenarios.variations.single import mutated
from synthesis.engine.scenarios.variations.toolsets import alike
from synthesis.engine.tools import ToolCall
from synthesis.engine.world.machine import Machine
from tests.packs import tool_shed, tool_shed_text
from tests.worlds import SEEDS


def costume_shed() -> Pack:
    """A sibling: the same trade with other things, and one tool by another name."""
    return parse_pack(tool_shed_text().replace("slug: tool_shed", "slug: costume_shed").replace("find_items", "find_costumes"))


def ask(pack: Pack, variation: str, seed: int = 1, *, siblings: list[Pack] | None = None, intent: str | None = None) -> GenerateReply:
    others = {p.slug: Sibling(WorldRef(p.slug, p.digest, 2), p) for p in siblings or []}
    request = GenerateRequest(pack.digest, variation, seed, SEEDS, siblings=[s.world for s in others.values()], intent=intent)
    return generate(request, Machine(pack, StarlarkInterpreter()), lambda ref: others[ref.domain])


@pytest.mark.parametrize("seed", range(4))
async def test_similar_tools_offers_distractors_with_worlds_of_their_own(seed: int) -> None:
    sibling = costume_shed()
    made = ask(tool_shed(), "similar_tools", seed, siblings=[sibling]).scenario
    assert made is not None
    foreign = [tool for tool in made.tools if tool.domain == "costume_shed"]
    assert 1 <= len(foreign) <= 5
    assert [ref.domain for ref in made.worlds] == ["tool_shed", "costume_shed"]
    names = [tool.name for tool in made.tools]
    assert len(names) == len(set(names)) and set(tool_shed().tools) <= set(names)
    worlds = LocalWorlds({tool_shed().digest: tool_shed(), sibling.digest: sibling}.__getitem__, StarlarkInterpreter())
    environment = await worlds.open(made)
    before = environment.digest
    outcome = await environment.call(
        ToolCall("c", next((t.name for t in foreign if t.tool == "find_member"), foreign[0].name), {"card": "000000"})
    )
    assert outcome.error is not None and environment.digest == before


async def test_a_write_in_another_world_shows_in_delta_and_digest() -> None:
    sibling = costume_shed()
    made = ask(tool_shed(), "similar_tools", 1, siblings=[sibling], intent="settle").scenario
    assert made is not None
    tool = next((t for t in made.tools if t.domain == "costume_shed" and t.tool == "pay_fee"), None)
    assert tool is not None
    worlds = LocalWorlds({tool_shed().digest: tool_shed(), sibling.digest: sibling}.__getitem__, StarlarkInterpreter())
    environment = await worlds.open(made)
    before = environment.digest
    for number in range(1, 80):
        outcome = await environment.call(ToolCall("c", tool.name, {"loan_id": f"L-{number:04d}"}))
        if outcome.ok:
            break
    assert outcome.ok and outcome.delta[0]["table"] == "costume_shed.loans" and environment.digest != before


def test_no_sibling_that_looks_alike_is_a_reason() -> None:
    reply = ask(tool_shed(), "similar_tools")
    assert reply.scenario is None and "no domain has a tool that looks alike" in reply.reasons


def test_likeness_is_symmetric_and_whole_for_itself() -> None:
    tools = list(tool_shed().tools.values())
    assert all(alike(tool, tool) == 1.0 for tool in tools)
    assert all(alike(a, b) == alike(b, a) for a in tools for b in tools)


def test_siblings_are_those_with_tools_alike_named_relations_first() -> None:
    alike_by_name = costume_shed()
    stranger = replace(
        alike_by_name,
        slug="stranger",
        tools={"launch": replace(alike_by_name.tools["pay_fee"], name="launch", description="Rocket away now.")},
    )
    others = [replace(alike_by_name, slug=slug) for slug in ("c_shed", "b_shed", "a_shed", "d_shed", "e_shed")]
    assert nearest_siblings(tool_shed(), [*others, stranger]) == ["a_shed", "b_shed", "c_shed", "d_shed"]
    tied = replace(tool_shed(), related=[Related("e_shed", "sibling")])
    assert nearest_siblings(tied, [*others, stranger])[0] == "e_shed"
    assert nearest_siblings(tool_shed(), [stranger]) == []


def test_tables_written_follow_helpers() -> None:
    helpers = tool_shed().helpers + 'def take_back(loan):\n    update("items", loan["item_id"], {"out": False})\n'
    pack = replace(tool_shed(), helpers=helpers)
    tool = replace(pack.tools["return_loan"], program='def run(args):\n    take_back(get("loans", args["loan_id"]))\n    return 1\n')
    assert tables_written(pack, tool) == {"items"}
    assert tables_written(pack, pack.tools["borrow_item"]) == {"items", "loans"}
    assert tables_written(pack, pack.tools["find_member"]) == set()


@pytest.mark.parametrize(("value", "kind"), [("555-0123", "id"), ("GJ5137", "id"), ("Alexander", "text"), (12, "number")])
def test_mutations_are_other_values_of_the_same_sort(value: str | int, kind: str) -> None:
    rng = rng_for(1, value)
    wrong = [mutated(value, kind, rng) for _ in range(40)]
    assert any(w != value for w in wrong)
    assert all(type(w) is type(value) for w in wrong)


@pytest.mark.parametrize(("value", "kind"), [("2026-03-05", "date"), (1250, "money"), ("ab", "text"), ("aaaa", "text")])
def test_some_values_cannot_be_mistaken(value: str | int, kind: str) -> None:
    assert mutated(value, kind, rng_for(1)) is None


CASES = [
    ('tells: [{fact: "{total}", as: money}]', "tells: []", "plain", "settle", None),
    (
        'return update("loans", loan["loan_id"], {"due": add_days(loan["due"], args["days"]), "extended": True})',
        'return update("loans", loan["loan_id"], {"extended": True}) if args["days"] > 99 else loan',
        "plain",
        "extend",
        "quarantined: doing nothing passes",
    ),
    ("due: {type: string}", "due: {type: string, compare: ignore}", "plain", "extend", None),
    ("changes: {days: other_days}", "changes: {days: nothing}", "changed_mind", "extend", "nothing else to choose"),
    ("changes: {days: other_days}", "changes: {item: item}", "changed_mind", "extend", "the change changes no fact"),
    (
        '"other_days": days[1], "twins": loans',
        '"other_days": days[1], "twins": [loan]',
        "ambiguous_record",
        "extend",
        "the description fits one record, or too many",
    ),
    (
        'twins: {rows: "{twins}", key: due',
        'twins: {rows: "{twins}", key: card',
        "ambiguous_record",
        "extend",
        "the telling fact is needed before anything can be looked up",
    ),
    (
        '- {call: list_loans, args: {member_id: "{found.member_id}", status: returned}}',
        '- {call: list_loans, args: {member_id: "{nobody.member_id}"}}',
        "plain",
        "settle",
        "gold names a value that is not bound",
    ),
    ('due = find("loans", member_id = member["member_id"], fee__gt = 0, paid = False)', "due = []", "plain", "settle", "nothing to bind"),
    (
        'def bind(given):\n          member = given["caller"] or pick(find("members"))\n          due',
        'def bind(given):\n          member = first(find("members"))\n          due',
        "long_haul",
        None,
        None,
    ),
]


@pytest.mark.parametrize(("old", "new", "variation", "intent", "reason"), CASES, ids=[str(i) for i in range(len(CASES))])
def test_what_does_not_fit_is_dropped_with_its_reason(old: str, new: str, variation: str, intent: str | None, reason: str | None) -> None:
    text = tool_shed_text()
    assert old in text
    pack = parse_pack(text.replace(old, new))
    replies = [ask(pack, variation, seed, intent=intent) for seed in range(4)]
    if reason is None:
        assert all(reply.scenario for reply in replies)
    else:
        assert any(reason in reply.reasons for reply in replies), [reply.reasons for reply in replies]
