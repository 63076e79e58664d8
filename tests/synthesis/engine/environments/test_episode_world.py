"""Isolated environments: calls, faults, refolding, verification."""

import pytest
from msgspec.structs import replace

from synthesis.engine.environments.episode_world import EpisodeWorld
from synthesis.engine.episode.ports import CallRecord, StateMismatch, was_executed
from synthesis.engine.faults.planned import PlannedFault
from synthesis.engine.packs import holes
from synthesis.engine.scenarios.scenario import VARIATIONS, Scenario
from synthesis.engine.tools import ToolCall
from tests.worlds import local_worlds, machine, scenario


def world_of(made: Scenario) -> EpisodeWorld:
    return EpisodeWorld(made, lambda release: machine())


def play_gold(world: EpisodeWorld) -> list[CallRecord]:
    """Make the gold calls of a scenario without faults."""
    records: list[CallRecord] = []
    for wish in world.scenario.wishes:
        scope: dict[str, object] = {}
        for step in wish.steps:
            call = ToolCall(f"call_{len(records)}", step.tool, holes.resolve(step.args, scope))
            outcome = world.call(call)
            records.append(CallRecord(call, outcome, was_executed(outcome)))
            if step.name:
                scope[step.name] = outcome.result
    return records


SIMPLE = [v for v in VARIATIONS if v not in {"similar_tools", "faulty_tools", "changed_mind"}]


@pytest.mark.parametrize("variation", SIMPLE)
@pytest.mark.parametrize("seed", range(3))
async def test_gold_calls_reach_the_expected_state_and_verify(variation: str, seed: int) -> None:
    made = scenario(variation, seed)
    world = world_of(made)
    records = play_gold(world)
    assert world.digest() == made.expected_digest
    verification = await local_worlds().verify(made, records)
    assert verification.matches, verification.differences
    assert verification.digest == made.expected_digest
    assert all(call.same and not call.broken and call.schema_error is None for call in verification.calls)


def test_two_environments_of_one_world_do_not_see_each_other() -> None:
    made = scenario("plain", 2, intent="extend")
    one, two = world_of(made), world_of(made)
    before = two.digest()
    play_gold(one)
    assert one.digest() != before
    assert two.digest() == before


def test_a_refold_gives_the_same_state_and_notices_another_log() -> None:
    made = scenario("plain", 2, intent="settle")
    records = play_gold(world_of(made))
    again = world_of(made)
    again.refold(records)
    assert again.digest() == records[-1].outcome.digest
    tampered = [*records[:-1], replace(records[-1], executed=False)]
    with pytest.raises(StateMismatch, match=records[-1].call.id):
        world_of(made).refold(tampered)


def test_an_unknown_tool_is_an_outcome_that_names_the_tools() -> None:
    outcome = world_of(scenario("plain", 1)).call(ToolCall("c", "open_door", {}))
    assert outcome.error is not None and outcome.error.code == "unknown_tool"
    assert "find_member" in outcome.error.message


def test_bad_arguments_change_nothing_and_say_where() -> None:
    world = world_of(scenario("plain", 1))
    before = world.digest()
    outcome = world.call(ToolCall("c", "extend_loan", {"loan_id": "L-0001", "days": "three"}))
    assert outcome.error is not None and outcome.error.code == "invalid_arguments"
    assert "days" in outcome.error.message
    assert world.digest() == before


@pytest.mark.parametrize("kind", ["timeout", "rate_limited", "server_error", "permission_denied"])
def test_a_write_fault_strikes_once_and_leaves_the_state(kind: str) -> None:
    made = replace(scenario("plain", 2, intent="extend"), faults=[PlannedFault("extend_loan", 0, kind)])
    world = world_of(made)
    records = play_gold(world)
    struck = records[-1]
    assert struck.outcome.error is not None and struck.outcome.fault == {"kind": kind, "took_place": False}
    assert not struck.executed
    assert world.digest() != made.expected_digest
    again = world.call(struck.call)
    assert again.ok and world.digest() == made.expected_digest


def test_a_write_whose_confirmation_is_lost_took_place() -> None:
    made = replace(scenario("plain", 2, intent="extend"), faults=[PlannedFault("extend_loan", 0, "timeout", took_place=True)])
    world = world_of(made)
    records = play_gold(world)
    assert records[-1].outcome.error is not None and records[-1].executed
    assert world.digest() == made.expected_digest


@pytest.mark.parametrize(("kind", "mark"), [("partial_result", "partial"), ("stale_read", "stale"), ("malformed_result", "malformed")])
async def test_a_spoilt_read_is_marked_and_verifies(kind: str, mark: str) -> None:
    made = replace(scenario("plain", 2, intent="extend"), faults=[PlannedFault("list_loans", 0, kind)])
    world = world_of(made)
    records = play_gold(world)
    struck = next(r for r in records if r.call.name == "list_loans")
    assert struck.outcome.result[mark] is True
    verification = await local_worlds().verify(made, records)
    assert verification.matches
    assert all(not call.broken for call in verification.calls)


async def test_verification_tells_broken_rules_and_a_wrong_state() -> None:
    made = scenario("plain", 2, intent="extend")
    gold = [record.call for record in play_gold(world_of(made))]
    world = world_of(made)
    records = [CallRecord(call, world.call(call)) for call in gold[1:]]
    verification = await local_worlds().verify(made, records)
    assert {b["check"] for call in verification.calls for b in call.broken} >= {"identify_first", "own_loans"}
    nothing = await local_worlds().verify(made, [])
    assert not nothing.matches and "missing" in nothing.differences[0]


async def test_verification_notices_a_forged_result() -> None:
    made = scenario("plain", 2, intent="next_due")
    records = play_gold(world_of(made))
    forged = replace(records[0], outcome=replace(records[0].outcome, result={"member_id": "M-999"}))
    verification = await local_worlds().verify(made, [forged, *records[1:]])
    assert [call.same for call in verification.calls] == [False, *[True] * (len(records) - 1)]
