"""Whole episodes over two domains: two agents, each with a domain's tools and policy, one user with a wish in each."""

import asyncio
import random
from collections.abc import Sequence

import msgspec
import pytest

from judging.engine.case import Case
from judging.engine.checks.check import CheckResult
from judging.engine.checks.registry import run_checks
from judging.engine.formats.canonical import conversation
from judging.engine.formats.validity import Arguments, flaw_of
from judging.engine.judges.model import request_of
from judging.services.prompts import starter_judge_prompt as judge_prompt
from judging.services.rubrics import starter_rubric
from synthesis.engine.chat.model import ChatReply, ChatRequest, OnDelta
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import Outcome, play
from synthesis.engine.episode.ports import Limits
from synthesis.engine.episode.seats import Agent, AgentMove
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from synthesis.engine.participants.cast import Cast
from synthesis.engine.participants.model_agent import ModelAgent
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.team import Desk, Team, whole_offer
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.scenarios.second import CARRIERS
from synthesis.engine.tools import ToolCall
from tests.builders_participants import PROFILES, cast
from tests.synthesis.engine.participants.test_model_seats import MemoryLog
from tests.two_domains import AIRLINE, HOTEL, packs, two_domains, worlds


def pair(number: int) -> Cast:
    """A cast of two agents."""
    return msgspec.structs.replace(cast(number), team=[PROFILES[number % len(PROFILES)]])


async def played(
    task: Scenario, who: Cast, past: Sequence[Event] = (), slip: str | None = None, agent: Agent | None = None
) -> tuple[list[Event], Outcome]:
    environment = await worlds().open(task, call_records(read_trajectory(past)) if past else ())
    log = MemoryLog(past)
    outcome = await play(
        user=ScriptedUser(task, who, packs(), starter_wording(), 5),
        agent=agent or ScriptedAgent(task, who, packs(), starter_wording(), 5, slip),
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
    return Case(task, packs(), trajectory, asyncio.run(worlds().verify(task, call_records(trajectory))))


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


def test_it_goes_on_from_its_log_wherever_it_stopped() -> None:
    task, who = two_domains("switched_topic", 1), pair(4)
    whole, outcome = asyncio.run(played(task, who))
    for cut in range(1, len(whole), 3):
        again, other = asyncio.run(played(task, who, past=whole[:cut]))
        assert [(e.kind, e.payload) for e in again] == [(e.kind, e.payload) for e in whole]
        assert other.digest == outcome.digest


@pytest.mark.parametrize("slip", ["wrong_record", "skipped_step", "policy_broken", "premature_end", "needless_call"])
def test_a_slip_is_made_and_found(slip: str) -> None:
    """The first agent makes it; which one depends on what the scenario has room for."""
    found = 0
    for seed in range(3):
        task, who = two_domains("plain", seed), pair(seed + 3)
        events, _ = asyncio.run(played(task, who, slip=slip))
        found += bool(failed(run_checks(case_of(task, events))))
    assert found == 3


def test_each_member_has_its_policy_and_tools_and_a_row_has_both() -> None:
    task, who = two_domains(), pair(3)
    team = Team.of(who, task, packs())
    assert team and list(team.members) == [AIRLINE, HOTEL] and team.front.slug == AIRLINE
    airline, hotel = team.members.values()
    assert airline.tools == set(task.offered_names(AIRLINE).values()) and hotel.tools == set(task.offered_names(HOTEL).values())
    assert not airline.tools & hotel.tools and {"find_booking"} == {name for name in airline.tools if f"{HOTEL}_{name}" in hotel.tools}
    said = [team.prompt(member, packs()[AIRLINE], "en", task.now) for member in team.members.values()]
    rules = [packs()[slug].policy[1].rule for slug in (AIRLINE, HOTEL)]
    assert [[rule in text for rule in rules] for text in said] == [[True, False], [False, True]]
    assert "transfer_to_hotel_desk" in said[0] and "transfer_to_airline_rebooking" in said[1]
    system, tools = whole_offer(task, who, packs())
    assert all(rule in system for rule in rules)
    assert set(tools) == airline.tools | hotel.tools | {"transfer_to_hotel_desk", "transfer_to_airline_rebooking"}


def test_the_person_is_the_same_at_the_same_moment() -> None:
    task = two_domains()
    own, other = task.worlds
    assert other.setting and other.setting.now == task.now
    person = task.wishes[0].bindings["traveller"]
    there = worlds().room.machine(other.release).world(other.seed, other.setting)
    row = there.tables["guests"][other.setting.caller].values
    assert (row["first_name"], row["surname"]) == (person["given_name"], person["surname"])
    assert task.wishes[1].bindings["guest"]["guest_id"] == other.setting.caller
    assert own.setting is None and there.now == task.now


def test_what_a_colleague_never_got_to_do_is_missed() -> None:
    task, who = two_domains("plain", 1), pair(4)
    events, _ = asyncio.run(played(task, who, slip=None))
    handed = next(event.seq for event in events if event.kind == "handoff")
    wish = next(event.seq for event in reversed(events[:handed]) if event.kind == "message" and event.payload["role"] == "user")

    class Ending:
        def __init__(self, agent: ScriptedAgent) -> None:
            self.agent, self.seq = agent, 0

        def observe(self, event: Event) -> None:
            self.agent.observe(event)
            self.seq = event.seq

        async def act(self) -> AgentMove:
            return AgentMove("Goodbye.", done=True) if self.seq >= wish else await self.agent.act()

    cut, _ = asyncio.run(played(task, who, agent=Ending(ScriptedAgent(task, who, packs(), starter_wording(), 5))))
    results = failed(run_checks(case_of(task, cut)))
    assert "never handed over" in results["transfers_made"] and "final_state" in results


def test_a_call_of_the_other_domain_is_refused() -> None:
    task, who = two_domains("plain", 1), pair(4)
    desk = Desk.of(who, task, packs())
    assert desk
    refused = desk.answer(ToolCall("x", "hotel_desk_find_booking", {"reference": "AB1234", "surname": "X"}), "d")
    assert refused and refused.error and refused.error.code == "not_yours" and HOTEL in refused.error.message


class Silent:
    """A model that is never asked."""

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        raise AssertionError(request)


def test_a_model_has_its_own_domain_alone_and_its_judge_both_policies() -> None:
    task, who = two_domains("plain", 1), pair(4)
    events, _ = asyncio.run(played(task, who))
    agent = ModelAgent(task, who, packs(), Silent())
    offers = []
    for event in events:
        offers.append(({tool["function"]["name"] for tool in agent.tools}, agent.messages[0]["content"]))
        agent.observe(event)
    for (names, system), own, other in ((offers[0], AIRLINE, HOTEL), (offers[-1], HOTEL, AIRLINE)):
        assert names == {*task.offered_names(own).values(), f"transfer_to_{other}"}
        assert packs()[own].agent.strip() in system and packs()[other].policy[1].rule not in system
    request = request_of(case_of(task, events), starter_rubric(), [], judge_prompt(), random.Random(1))
    asked = str(request.messages[1]["content"])
    assert all(f"{pack.name}:\n1. {pack.policy[0].rule}" in asked for pack in packs().values())
