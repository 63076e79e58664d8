"""What simulated tools must say, and what may not depend on them.

No program stands behind a simulated tool, so nothing that is judged may come from its answers: the truth of a scenario stands in the
tables, a simulator only conveys it. Its gold calls are reads, say what they give in the gold run, and no later step names their result.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from synthesis.engine.packs.findings import Finding
from synthesis.engine.packs.model import GoldCall, Intent, Pack, Tool


def check_simulated(pack: Pack, data: dict[str, Any]) -> Iterator[Finding]:
    """Findings on the tools themselves and on the gold that calls them. Places are paths in ``data``."""
    for i, tool in enumerate(pack.tools.values()):
        if tool.simulated:
            yield from _specification(pack, tool, f"tools.{i}")
        else:
            yield from _program(tool, f"tools.{i}")
    for i, intent in enumerate(pack.intents.values()):
        for section, calls in gold_sections(intent):
            for j, call in enumerate(calls):
                if call.call in pack.tools:
                    yield from _gold(pack.tools[call.call], call, f"intents.{i}.{section}.{j}")


def gold_sections(intent: Intent) -> Iterator[tuple[str, list[GoldCall]]]:
    """Every list of gold calls of an intent, with its place in it."""
    yield "gold", intent.gold
    yield "undo", intent.undo
    if intent.preference and intent.preference.gold:
        yield "variations.preference.gold", intent.preference.gold


def _program(tool: Tool, where: str) -> Iterator[Finding]:
    if not tool.program:
        yield Finding(where, f"{tool.name} has no program.", "Write one, or say kind: simulated and let a model answer.")
    for word in ("reads", "writes"):
        if getattr(tool, word):
            yield Finding(f"{where}.{word}", "is for simulated tools only.", "Remove it: a program names its tables itself.")


def _specification(pack: Pack, tool: Tool, where: str) -> Iterator[Finding]:
    if tool.program:
        yield Finding(f"{where}.program", f"{tool.name} is simulated and has a program.", "Remove one of the two.")
    if "type" not in tool.returns:
        remedy = "Say what it returns: an answer is held to it, since there is no program to trust."
        yield Finding(f"{where}.returns", "has no type.", remedy)
    for word in ("reads", "writes"):
        for table in getattr(tool, word) or []:
            if table not in pack.tables:
                remedy = f"Use: {', '.join(sorted(pack.tables))}."
                yield Finding(f"{where}.{word}", f"names the table {table}, which does not exist.", remedy)
    if tool.effect == "write" and not tool.writable:
        yield Finding(where, f"{tool.name} writes, but no table.", "Name the tables under writes, or make its effect read.")
    if tool.effect == "read" and tool.writable:
        yield Finding(f"{where}.writes", f"{tool.name} is a read.", "Remove writes, or make its effect write.")
    for j, error in enumerate(tool.errors):
        if not error.when or error.example is None:
            remedy = "Give both: the simulator knows an error from nothing else."
            yield Finding(f"{where}.errors.{j}", f"{error.code} lacks when or example.", remedy)


def _gold(tool: Tool, call: GoldCall, where: str) -> Iterator[Finding]:
    given = call.gives is not msgspec.UNSET
    if not tool.simulated:
        if given:
            yield Finding(f"{where}.gives", f"{tool.name} has a program that says what it gives.", "Remove it.")
        return
    if not given:
        remedy = "Say what it returns in the gold run, as a template of bound values."
        yield Finding(where, f"calls the simulated {tool.name} without gives.", remedy)
    if tool.effect == "write":
        remedy = "Give it a program: a final state that is judged cannot depend on a model."
        yield Finding(where, f"makes a write of {tool.name}, which is simulated.", remedy)
    if call.name:
        remedy = "Bind the value in bind(): what is judged must stand in the tables, not in a model's answer."
        yield Finding(f"{where}.as", f"names the result of {tool.name}, which is simulated.", remedy)
