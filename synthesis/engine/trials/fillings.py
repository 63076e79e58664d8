"""Arguments to begin with: an example of a declared error, a gold call of an intent, a draw from the world; and ways to break them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from synthesis.engine.packs import holes
from synthesis.engine.packs.model import DeclaredError, Intent, Tool
from synthesis.engine.randomness import rng_for
from synthesis.engine.scenarios.gold import GoldRun, Unfit
from synthesis.engine.scenarios.wishes import bind
from synthesis.engine.trials.trial import TrialWorld, fold
from synthesis.engine.world.arguments import ArgumentDraws
from synthesis.engine.world.machine import Machine
from synthesis.engine.world.programs import Crash
from synthesis.engine.world.state import State

EXAMPLE_TRIES = 40
GOLD_TRIES = 5
NOWHERE = "no-such-id"
EXTRA = "no_such_parameter"


class Filling(msgspec.Struct, frozen=True):
    """What to fill a form with. ``kind``: ``error`` (``name`` is its code), ``gold`` (an intent), ``drawn``, or a way to break
    (``missing``, ``type``, ``value``, ``key``: ``name`` is the parameter; ``extra``). ``draw`` chooses among several."""

    kind: str
    name: str = ""
    draw: int = 0


class Breakage(NamedTuple):
    """One way to break arguments: ``kind`` and ``name`` as in Filling."""

    kind: str
    name: str


def fill(machine: Machine, world: TrialWorld, tool_name: str, filling: Filling) -> dict[str, Any] | None:
    """The arguments, or None when this world has none of that kind. Raises what ``fold`` raises."""
    tool = machine.pack.tools.get(tool_name)
    if tool is None:
        return None
    state, _ = fold(machine, world)
    if filling.kind == "error":
        error = next((e for e in tool.errors if e.code == filling.name and e.example is not None), None)
        return _error_example(machine, state, tool, error, filling.draw) if error else None
    if filling.kind == "gold":
        intent = machine.pack.intents.get(filling.name)
        return _gold_call(machine, state, tool, intent, filling.draw) if intent else None
    if filling.kind == "drawn":
        return _drawn(machine, state, tool, filling.draw)
    return broken_arguments(tool, _sound(machine, state, tool), filling)


def _error_example(machine: Machine, state: State, tool: Tool, error: DeclaredError, draw: int) -> dict[str, Any] | None:
    """The declared example with values of this world, preferably such that the error really comes."""
    args = None
    for attempt in range(EXAMPLE_TRIES):
        rng = rng_for(state.base.seed, tool.name, error.code, draw, attempt)
        scope = {name: rng.choice(rows).values for name in machine.pack.tables if (rows := state.find(name, {}))}
        try:
            args = holes.resolve(error.example, scope)
        except holes.MissingValue:
            return args
        result = machine.call(state.copy(), tool.name, args)
        if result.error and result.error.code == error.code:
            return dict(args)
    return args


def _gold_call(machine: Machine, state: State, tool: Tool, intent: Intent, draw: int) -> dict[str, Any] | None:
    """The arguments of the first gold call of ``tool`` when ``intent`` is bound in the world as it stands."""
    for attempt in range(GOLD_TRIES):
        run = GoldRun(machine, state.copy())
        try:
            bound = bind(machine, run.state, intent, rng_for(state.base.seed, tool.name, intent.id, draw, attempt))
            run.state.caller = machine.pack.caller_key(bound.bindings)
            performed = run.perform(bound.calls, bound.values(), {}, bound.facts)
        except (Unfit, Crash):
            continue
        args = next((done.args for done in performed if done.step.tool == tool.name), None)
        if args is not None:
            return args
    return None


def _drawn(machine: Machine, state: State, tool: Tool, draw: int) -> dict[str, Any]:
    rng = rng_for(state.base.seed, tool.name, "drawn", draw)
    return ArgumentDraws(machine.pack, {}).arguments(tool, state, rng)


def _sound(machine: Machine, state: State, tool: Tool) -> dict[str, Any]:
    """Arguments that fit the schema, to be broken in one place: a gold call's where there is one."""
    for intent in intents_using(machine, tool.name):
        if args := _gold_call(machine, state, tool, intent, 0):
            return args
    return _drawn(machine, state, tool, 0)


def intents_using(machine: Machine, tool: str) -> Iterator[Intent]:
    """Intents whose gold calls ``tool``."""
    return (intent for intent in machine.pack.intents.values() if any(call.call == tool for call in intent.gold))


def breakages(tool: Tool) -> list[Breakage]:
    """Every way to break the arguments of ``tool`` in one place."""
    properties: dict[str, Any] = tool.parameters.get("properties", {})
    found = [Breakage("missing", name) for name in tool.parameters.get("required", [])]
    found += [Breakage("type", name) for name, schema in properties.items() if isinstance(schema, dict) and "type" in schema]
    found += [Breakage("value", name) for name, schema in properties.items() if isinstance(schema, dict) and "enum" in schema]
    found += [Breakage("key", name) for name in tool.refs()]
    return [*found, Breakage("extra", "")]


def broken_arguments(tool: Tool, sound: dict[str, Any], filling: Filling) -> dict[str, Any] | None:
    """``sound`` broken in one place; None for a way that is not among ``breakages``."""
    if Breakage(filling.kind, filling.name) not in breakages(tool):
        return None
    if filling.kind == "missing":
        return {name: value for name, value in sound.items() if name != filling.name}
    if filling.kind == "extra":
        return {**sound, EXTRA: True}
    if filling.kind == "type":
        kinds = tool.parameters["properties"][filling.name]["type"]
        return {**sound, filling.name: _of_another_type([kinds] if isinstance(kinds, str) else list(kinds))}
    return {**sound, filling.name: NOWHERE}


def _of_another_type(kinds: list[str]) -> Any:
    """A value of none of these types."""
    values = {"object": {"a": 1}, "array": ["a", 1], "boolean": True, "number": 1.5, "string": "a text"}
    taken = {"number" if kind == "integer" else kind for kind in kinds}
    return next((value for kind, value in values.items() if kind not in taken), None)
