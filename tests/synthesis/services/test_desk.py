"""The desk: every request is answered in time, whatever programs do and however many ask at once."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from synthesis.adapters.sandbox import SandboxLimits
from synthesis.engine.packs.model import Pack
from synthesis.engine.trials.trial import TrialWorld
from synthesis.services.desk import Desk, DeskBusy, DeskDied, DeskFailed
from tests.packs import tool_shed
from tests.synthesis.adapters.test_attacks import attacked

LOOP = attacked("def run(args):\n    for a in range(100000):\n        for b in range(100000): pass")
DEAF = attacked("def run(args): return sorted(list(range(30000000)), key = lambda x: -x)")
"""A program that does not look at its deadline while it sorts."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk(processes=1, limits=SandboxLimits(memory_mb=700, call_seconds=1.0, kill_seconds=1.5), patience=0.5)
    yield made
    made.close()


def play(desk: Desk, pack: Pack, tool: str = "find_items", **args: Any) -> Any:
    world = msgspec.to_builtins(TrialWorld(pack.digest, 1))
    return desk.ask("trial_play", world, tool, args or {"kind": "drill"}, packs={pack.digest: pack})


def test_a_program_that_kills_its_process_costs_one_answer(desk: Desk) -> None:
    started = time.monotonic()
    with pytest.raises(DeskDied):
        play(desk, DEAF)
    assert time.monotonic() - started < 5
    assert play(desk, tool_shed())["error"] is None


def test_who_finds_all_processes_at_work_is_told_soon(desk: Desk) -> None:
    play(desk, tool_shed())
    with ThreadPoolExecutor(4) as pool:
        looping = [pool.submit(play, desk, LOOP) for _ in range(3)]
        started = time.monotonic()
        errors = [one.exception() for one in looping]
        assert time.monotonic() - started < 5
    assert sum(error is None for error in errors) >= 1
    assert any(isinstance(error, DeskBusy) for error in errors)
    assert play(desk, tool_shed())["error"] is None


def test_a_pack_that_cannot_be_seeded_says_why(desk: Desk) -> None:
    broken = msgspec.structs.replace(tool_shed(), seed="def seed(): fail('no seed today')")
    with pytest.raises(DeskFailed, match="no seed today"):
        play(desk, broken)


def test_processes_come_up_again_after_a_rest(desk: Desk) -> None:
    play(desk, tool_shed())
    desk.close()
    assert play(desk, tool_shed())["error"] is None
