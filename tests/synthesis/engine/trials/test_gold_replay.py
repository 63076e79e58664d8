"""Gold replayed: for every variation it ends where the scenario says, and a scenario that lies is found out."""

import time

import pytest
from msgspec.structs import replace

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.environments.local import MachineRoom
from synthesis.engine.scenarios.generate import GenerateRequest
from synthesis.engine.scenarios.scenario import VARIATIONS, Scenario
from synthesis.engine.trials.gold_replay import gold_replay
from tests.builders_runs import starter_pack

PACK = starter_pack("vet_clinic")
ROOM = MachineRoom({PACK.digest: PACK}.__getitem__, StarlarkInterpreter())
SEEDS = list(range(1, 11))


def made(variation: str, seed: int = 1) -> Scenario:
    reply = ROOM.generate(GenerateRequest(PACK.digest, variation, seed, SEEDS))
    assert reply.scenario is not None, reply.reasons
    return reply.scenario


@pytest.mark.parametrize("variation", [name for name in VARIATIONS if name != "similar_tools"])
def test_gold_ends_in_the_expected_state(variation: str) -> None:
    for seed in range(1, 6):
        scenario = made(variation, seed)
        replay = gold_replay(scenario, ROOM.machine, time.perf_counter)
        assert replay.matches and replay.differences == [], (variation, seed)
        for step in replay.steps:
            assert not step.missing
            if step.outcome is not None:
                assert (step.outcome.error.code if step.outcome.error else None) == step.step.error
                assert step.outcome.broken == []


def test_a_truth_that_is_no_truth_is_found_out() -> None:
    scenario = made("plain", 3)
    lying = replace(scenario, expected=[], expected_digest="") if scenario.expected else scenario
    assert scenario.expected, "choose another seed"
    replay = gold_replay(lying, ROOM.machine, time.perf_counter)
    assert not replay.matches and replay.differences
