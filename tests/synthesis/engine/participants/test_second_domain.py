"""Whole episodes over two domains: two agents, each with a domain's tools and policy, one user with a wish in each."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from judging.engine.case import Case
from judging.engine.checks.check import CheckResult
from judging.engine.checks.registry import run_checks
from judging.engine.formats.canonical import conversation
from judging.engine.formats.validity import Arguments, flaw_of
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import Outcome, play
from synthesis.engine.episode.ports import Limits
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from synthesis.engine.participants.cast import Cast
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.team import Desk
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.scenarios.second import CARRIERS
from tests.builders_participants import PROFILES, cast
from tests.two_domains import AIRLINE, HOTEL, packs, two_domains, worlds


def pair(number: int) -> Cast:
    """A cast of two agents."""
    return msgspec.structs.replace(cast(number), team=[PROFILES[number % len(PROFILES)]])


class MemoryLog:
    def __init__(self, past: Sequence[Event] = ()) -> None:
        self.events = list(past)

    async def append(self, events: Sequence[Event]) -> None:
        self.events += events


async def played(task: Scenario, who: Cast, past: Sequence[Event] = (), slip: str | None = None) -> tuple[list[Event], Outcome]:
    environment = await worlds().open(task, call_records(read_trajectory(past).calls) if past else ())
    log = MemoryLog(past)
    outcome = await play(
        user=ScriptedUser(task, who, packs(), starter_wording(), 5),
        agent=ScriptedAgent(task, who, packs(), starter_wording(), 5, slip),
        environment=environment,
        log=log,
        limits=Limits(wall_seconds=0),
        clock=lambda: 0.0,
        opening={"digest": environment.digest, "domain": task.domain, "variation": task.variation, "cast": msgspec.to_builtins(who)},
        past=past,
        team=Desk.of(who, task, packs()),
    )
    return log.events, outcome


def case_of(task: Scenario, events: Sequence[Event]) -> Case:
    trajectory = read_trajectory(events)
    return Case(task, packs(), trajectory, asyncio.run(worlds().verify(task, call_records(trajectory.calls))))


def failed(results: Sequence[CheckResult]) -> dict[str, str]:
    return {result.id: result.reason for result in results if result.failed}


@pytest.mark.parametrize("variation", sorted(CARRIERS))
@pytest.mark.parametrize("own", [AIRLINE, HOTEL])
def test_each_agent_does_its_part_and_hands_over_once(variation: str, own: str) -> None:
    for seed in range(2):
        task, who = two_domains(variation, seed, own), pair(seed + 3)
        events, outcome = asyncio.run(played(task, who))
        case = case_of(task, events)
        assert outcome.reason == "user_done"
        assert not failed(run_checks(case))
        assert case.verification.matches and outcome.digest == case.verification.digest
        other = next(domain for domain in (AIRLINE, HOTEL) if domain != own)
        assert [(e.payload["from"], e.payload["to"]) for e in events if e.kind == "handoff"] == [(own, other)]
        handed = next(event.seq for event in events if event.kind == "handoff")
        mine = set(task.offered_names(own).values())
        assert all((call.name in mine) == (call.seq < handed) for call in case.trajectory.calls)
        assert flaw_of(conversation(case.trajectory), case.callable_tools, Arguments()) is None
