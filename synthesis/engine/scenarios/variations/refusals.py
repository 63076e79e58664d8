"""Wishes whose right answer is no: the policy forbids it, or no offered tool does it."""

import re

import msgspec

from synthesis.engine.packs.model import Pack, Tool
from synthesis.engine.scenarios.draft import Draft, Ground
from synthesis.engine.scenarios.gold import Unfit
from synthesis.engine.scenarios.scenario import Refusal
from synthesis.engine.scenarios.wishes import bind, perform

FEWEST_TOOLS = 3
"""Tools that must remain on offer, so that the agent has a choice to refuse."""


def forbidden(ground: Ground) -> Draft:
    """The user asks for what the policy forbids, and presses."""
    run = ground.run()
    intent = ground.intent(list(ground.pack.intents.values()))
    outcome = perform(run, bind(ground.machine, run.state, intent, ground.rng))
    if outcome.kind != "forbidden" or outcome.wish.refusal is None:
        raise Unfit("nothing forbids it", intent.id)
    refusal = msgspec.structs.replace(outcome.wish.refusal, presses=ground.rng.choice([1, 1, 2]))
    return Draft([msgspec.structs.replace(outcome.wish, refusal=refusal)], ground.state(), run)


def no_fitting_tool(ground: Ground) -> Draft:
    """The user asks for what no offered tool does: every tool that writes the tables of the wish is withheld."""
    run = ground.run()
    outcome = ground.complete(run, ground.intent(ground.complete_intents()))
    writes = [p for p in outcome.performed if p.step.effect == "write" and p.step.side == "agent"]
    if not writes:
        raise Unfit("nothing is written, so no tool is missed", outcome.wish.intent)
    touched = {change.table for p in writes for change in p.delta}
    withheld = frozenset(
        t.name for t in ground.pack.agent_tools.values() if t.effect == "write" and tables_written(ground.pack, t) & touched
    ) | {p.step.tool for p in writes}
    if len(ground.pack.agent_tools) - len(withheld) < FEWEST_TOOLS:
        raise Unfit("too few tools would remain on offer", outcome.wish.intent)
    refusal = Refusal("no_tool", presses=ground.rng.choice([0, 1]), blocked_tool=writes[0].step.tool)
    wish = msgspec.structs.replace(outcome.wish, steps=[], tells=[], refusal=refusal)
    return Draft([wish], ground.state(), ground.run(), withheld_tools=withheld)


_WRITE = re.compile(r"\b(?:insert|update|delete)\(\s*\"(\w+)\"")
_DEF = re.compile(r"^def (\w+)\(", re.MULTILINE)


def tables_written(pack: Pack, tool: Tool) -> set[str]:
    """Tables that the tool's program names in a write, itself or through the pack's helpers; what a simulated one declares."""
    if tool.simulated:
        return set(tool.writable)
    bodies = _helper_bodies(pack.helpers)
    texts, seen = [tool.program], set[str]()
    found: set[str] = set()
    while texts:
        text = texts.pop()
        found.update(_WRITE.findall(text))
        for name, body in bodies.items():
            if name not in seen and re.search(rf"\b{name}\(", text):
                seen.add(name)
                texts.append(body)
    return found


def _helper_bodies(helpers: str) -> dict[str, str]:
    starts = [(m.group(1), m.start()) for m in _DEF.finditer(helpers)]
    ends = [start for _, start in starts[1:]] + [len(helpers)]
    return {
        name: helpers[start:end].split("\n", 1)[-1] if "\n" in helpers[start:end] else helpers[start:end]
        for (name, start), end in zip(starts, ends, strict=True)
    }
