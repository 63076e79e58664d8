"""Gold plays of generated scenarios, without any wording: the exact checks accept them, and refuse damaged ones."""

from collections.abc import Callable
from typing import Any

import pytest

from judging.engine.case import Case
from judging.engine.checks.check import CheckResult
from judging.engine.checks.registry import run_checks
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from synthesis.engine.packs.holes import resolve
from synthesis.engine.scenarios.phases import phases
from synthesis.engine.scenarios.scenario import VARIATIONS, Scenario, Step
from synthesis.engine.tools import ToolCall
from tests.judging.builders import Talk
from tests.packs import tool_shed
from tests.worlds import local_worlds, reply

EXACT = (
    "well_formed", "replays", "final_state", "required_calls", "call_order", "forbidden_calls", "arguments_fit",
    "arguments_right", "records_right", "ids_seen", "no_repeats", "needless_calls", "policy_kept",
)  # fmt: skip

Damage = Callable[[Step, dict[str, Any]], dict[str, Any] | None]


async def gold_play(scenario: Scenario, damage: Damage = lambda step, args: args) -> dict[str, CheckResult]:
    """Make the gold calls in a real world; ``damage`` changes a call's arguments or, giving None, leaves it out.

    A call that a fault struck is made again.
    """
    worlds = local_worlds()
    environment = await worlds.open(scenario)
    talk = Talk()
    talk.user("; ".join(f"{fact.value}" for wish in scenario.wishes for fact in wish.facts))
    talk.user("; ".join(str(value) for wish in scenario.wishes if wish.change for value in wish.change.facts.values()))
    for wish in scenario.wishes:
        scope: dict[str, Any] = {}
        for steps, bindings, _ in phases(wish):
            scope |= bindings
            for step in steps:
                args = damage(step, resolve(step.args, scope)) if not step.known else None
                outcome = None
                while args is not None and (outcome is None or (outcome.fault and not outcome.fault["took_place"])):
                    outcome = await environment.call(ToolCall("x", step.tool, args))
                    talk.calls((step.tool, args, outcome))
                if step.name:
                    scope[step.name] = outcome.result if outcome and outcome.ok else step.result
    trajectory = read_trajectory(talk.end().events)
    verification = await worlds.verify(scenario, call_records(trajectory))
    return {r.id: r for r in run_checks(Case(scenario, {"tool_shed": tool_shed()}, trajectory, verification))}


def scenarios(variation: str, count: int) -> list[Scenario]:
    return [found for seed in range(count) if (found := reply(variation, seed).scenario)]


@pytest.mark.parametrize("variation", [v for v in VARIATIONS if v != "similar_tools"])
async def test_gold_breaks_no_exact_check(variation: str) -> None:
    played = scenarios(variation, 12)
    assert played, f"no {variation} scenario to play"
    for scenario in played:
        results = await gold_play(scenario)
        assert {name: results[name].reason for name in EXACT if results[name].failed} == {}, scenario.digest


@pytest.mark.parametrize("variation", ["plain", "changed_mind", "several_at_once", "long_haul"])
async def test_leaving_out_a_write_is_seen(variation: str) -> None:
    for scenario in scenarios(variation, 8):
        writes = [s.tool for wish in scenario.wishes for s in (wish.change or wish).steps if s.effect == "write"]
        if writes:
            results = await gold_play(scenario, lambda step, args, out=writes[-1]: None if step.tool == out else args)  # type: ignore[misc]
            assert results["final_state"].failed
            assert results["required_calls"].failed


async def test_an_argument_that_the_task_does_not_call_for_is_seen() -> None:
    seen = 0
    for scenario in scenarios("plain", 12):

        def wrong(step: Step, args: dict[str, Any], first: Step = scenario.wishes[0].steps[0]) -> dict[str, Any]:
            return {k: f"{v}9" if isinstance(v, str) else v for k, v in args.items()} if step is first else args

        results = await gold_play(scenario, wrong)
        seen += 1
        assert results["arguments_right"].failed or results["records_right"].failed, scenario.digest
        assert results["required_calls"].failed
    assert seen
