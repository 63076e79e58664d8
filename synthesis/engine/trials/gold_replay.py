"""A scenario's gold calls made again in its world, step by step, and whether they still lead to the state that it expects."""

from collections.abc import Callable
from typing import Any

import msgspec

from synthesis.engine.packs.holes import MissingValue, resolve
from synthesis.engine.scenarios.phases import phases
from synthesis.engine.scenarios.scenario import Scenario, Step, WorldRef
from synthesis.engine.trials.trial import Clock, TrialOutcome, call
from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.delta import Comparison, joint_digest, placed
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


class _Place:
    """One of the worlds in which gold is played."""

    def __init__(self, ref: WorldRef, machine: Machine, caller: str) -> None:
        self.machine, self.state, self.log = machine, machine.state(ref.seed, ref.setting), list[LoggedCall]()
        self.state.caller = caller


def gold_replay(scenario: Scenario, machine_of: Callable[[str], Machine], clock: Clock) -> GoldReplay:
    """Play the gold steps as a perfect agent would, injected faults aside; ``machine_of`` gives the machine of a release. Raises Crash
    when a world cannot be seeded.
    """
    places = {
        ref.domain: _Place(ref, machine_of(ref.release), scenario.callers.get(ref.domain, ""))
        for ref in scenario.worlds
        if ref.domain in scenario.domains
    }
    steps: list[ReplayedStep] = []
    for number, wish in enumerate(scenario.wishes):
        place = places[scenario.domain_of(wish)]
        scope: dict[str, Any] = {}
        for part, _bindings, _required in phases(wish):
            fresh: set[str] = set()
            for step in part:
                replayed = _step(place, number, step, scope, clock)
                steps.append(replayed)
                _bind(replayed, scope, fresh)
    own = scenario.domain
    delta = [change for domain, place in places.items() for change in placed(place.state.net_delta(), domain, own)]
    packs = {domain: place.machine.pack for domain, place in places.items()}
    differences = Comparison(packs, own).differences(scenario.expected, delta)
    others = {domain: place.state.digest() for domain, place in places.items() if domain != own and place.state.net_delta()}
    return GoldReplay(steps, delta, joint_digest(places[own].state.digest(), others), not differences, differences)


def _step(place: _Place, wish: int, step: Step, scope: dict[str, Any], clock: Clock) -> ReplayedStep:
    try:
        args = resolve(step.args, scope)
    except MissingValue as missing:
        return ReplayedStep(wish, step, step.args, missing=str(missing.args[0]))
    if step.known:
        return ReplayedStep(wish, step, args)
    outcome = call(place.machine, place.state, place.log, step.tool, args, clock)
    error = outcome.error.code if outcome.error else None
    place.log.append(LoggedCall(step.tool, args, error is None, outcome.result, error, step.side))
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
