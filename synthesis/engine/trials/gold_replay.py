"""A scenario's gold calls made again in its world, step by step, and whether they still lead to the state that it expects."""

from typing import Any

import msgspec

from synthesis.engine.packs.holes import MissingValue, resolve
from synthesis.engine.scenarios.phases import phases
from synthesis.engine.scenarios.scenario import Scenario, Step
from synthesis.engine.trials.trial import Clock, TrialOutcome, call
from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.delta import Comparison
from synthesis.engine.world.machine import LoggedCall, Machine


class ReplayedStep(msgspec.Struct, frozen=True):
    """One gold step with the arguments it came to. ``outcome`` is None where it is not made again: a read whose answer is known already, or
    (then ``missing`` names it) a step that needs a result which this replay does not have."""

    wish: int
    step: Step
    args: dict[str, Any]
    outcome: TrialOutcome | None = None
    missing: str = ""


class GoldReplay(msgspec.Struct, frozen=True):
    """``matches``: the replay ends in the expected state; ``differences`` says in words where not. ``delta`` is the net delta."""

    steps: list[ReplayedStep]
    delta: list[RowChange]
    digest: str
    matches: bool
    differences: list[str]


def gold_replay(scenario: Scenario, machine: Machine, clock: Clock) -> GoldReplay:
    """Play the gold steps as a perfect agent would, injected faults aside. Raises Crash when the world cannot be seeded."""
    state, log, steps = machine.state(scenario.worlds[0].seed), list[LoggedCall](), list[ReplayedStep]()
    for number, wish in enumerate(scenario.wishes):
        scope: dict[str, Any] = {}
        for part, _bindings, _required in phases(wish):
            fresh: set[str] = set()
            for step in part:
                replayed = _step(machine, state, log, number, step, scope, clock)
                steps.append(replayed)
                _bind(replayed, scope, fresh)
    delta = state.net_delta()
    differences = Comparison({machine.pack.slug: machine.pack}, machine.pack.slug).differences(scenario.expected, delta)
    return GoldReplay(steps, delta, state.digest(), not differences, differences)


def _step(machine: Machine, state: Any, log: list[LoggedCall], wish: int, step: Step, scope: dict[str, Any], clock: Clock) -> ReplayedStep:
    try:
        args = resolve(step.args, scope)
    except MissingValue as missing:
        return ReplayedStep(wish, step, step.args, missing=str(missing.args[0]))
    if step.known:
        return ReplayedStep(wish, step, args)
    outcome = call(machine, state, log, step.tool, args, clock)
    log.append(LoggedCall(step.tool, args, outcome.error is None, outcome.result, outcome.error.code if outcome.error else None))
    return ReplayedStep(wish, step, args, outcome)


def _bind(replayed: ReplayedStep, scope: dict[str, Any], fresh: set[str]) -> None:
    """Keep a result under the step's name: a list of results where the step is one of several."""
    step, outcome = replayed.step, replayed.outcome
    if step.name is None or replayed.missing or (outcome is not None and outcome.error is not None):
        return
    result = outcome.result if outcome is not None else step.result
    if step.each:
        scope[step.name] = [*(scope[step.name] if step.name in fresh else []), result]
        fresh.add(step.name)
    else:
        scope[step.name] = result
