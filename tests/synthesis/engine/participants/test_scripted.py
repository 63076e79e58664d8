"""The scripted seats in whole episodes over a real world: every variation, both languages, every slip, and resumption at every step."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import Outcome, play
from synthesis.engine.episode.ports import Limits
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from synthesis.engine.faults.planned import PlannedFault
from synthesis.engine.language import reading
from synthesis.engine.language.values import mentions
from synthesis.engine.participants.cast import SLIPS, Cast
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.scenario import VARIATIONS, Scenario
from tests.builders_participants import cast
from tests.packs import tool_shed
from tests.worlds import local_worlds, reply, scenario

PLAYABLE = [variation for variation in VARIATIONS if variation != "similar_tools"]
"""The tool shed has no sibling domain to confuse it with."""


class MemoryLog:
    def __init__(self, past: Sequence[Event] = ()) -> None:
        self.events = list(past)

    async def append(self, events: Sequence[Event]) -> None:
        self.events += events


async def played(task: Scenario, who: Cast, seed: int, slip: str | None = None, past: Sequence[Event] = ()) -> tuple[list[Event], Outcome]:
    worlds, packs, wording = local_worlds(), {tool_shed().slug: tool_shed()}, starter_wording()
    environment = await worlds.open(task, call_records(read_trajectory(past)) if past else ())
    log = MemoryLog(past)
    outcome = await play(
        user=ScriptedUser(task, who, packs, wording, seed),
        agent=ScriptedAgent(task, who, packs, wording, seed, slip),
        environment=environment,
        log=log,
        limits=Limits(),
        clock=lambda: 0.0,
        opening={"digest": environment.digest, "domain": task.domain, "variation": task.variation},
        past=past,
    )
    return log.events, outcome


def texts(events: Sequence[Event], role: str) -> list[str]:
    return [e.payload["text"] for e in events if e.kind == "message" and e.payload["role"] == role and e.payload["text"]]


def matches(task: Scenario, events: Sequence[Event]) -> tuple[bool, list[Any]]:
    verified = asyncio.run(local_worlds().verify(task, call_records(read_trajectory(events))))
    return verified.matches, [item for call in verified.calls for item in call.broken]


@pytest.mark.parametrize("variation", PLAYABLE)
@pytest.mark.parametrize("seed", range(4))
def test_an_episode_does_what_was_asked(variation: str, seed: int) -> None:
    task, who = scenario(variation, seed), cast(seed)
    events, outcome = asyncio.run(played(task, who, seed))
    assert outcome.reason == "user_done"
    assert outcome.slip is None
    assert matches(task, events) == (True, [])
    said = " \n".join(texts(events, "agent"))
    for wish in task.wishes:
        if wish.refusal:
            assert any(reading.refuses(text) for text in texts(events, "agent"))
        else:
            tells = wish.change.tells if wish.change else wish.tells
            assert all(mentions(said, tell.value, tell.kind) for tell in tells), (said, tells)
    if len(task.wishes) == 1:
        assert outcome.turns <= 8


@pytest.mark.parametrize("kind", SLIPS)
@pytest.mark.parametrize("variation", PLAYABLE)
def test_every_slip_is_made_and_owned_up_to(variation: str, kind: str) -> None:
    task = scenario(variation, 2)
    events, outcome = asyncio.run(played(task, cast(3), 3, kind))
    assert outcome.slip is not None
    assert outcome.slip["kind"] in SLIPS
    assert outcome.slip["note"]
    assert "slip" not in str([event.payload for event in events])


@pytest.mark.parametrize("variation", ["gradual", "wrong_value", "changed_mind", "switched_topic", "several_at_once", "faulty_tools"])
@pytest.mark.parametrize("slip", [None, "skipped_step", "ignored_error"])
def test_an_episode_resumes_at_every_step(variation: str, slip: str | None) -> None:
    task, who = scenario(variation, 3), cast(5)
    whole, outcome = asyncio.run(played(task, who, 8, slip))
    for cut in range(1, len(whole) - 1):
        events, again = asyncio.run(played(task, who, 8, slip, whole[:cut]))
        assert events == whole, cut
        assert again.reason == outcome.reason


def test_the_same_seed_plays_the_same_and_another_does_not() -> None:
    task, who = scenario("gradual", 1), cast(1)
    first, _ = asyncio.run(played(task, who, 4))
    assert asyncio.run(played(task, who, 4))[0] == first
    others = {tuple(texts(asyncio.run(played(task, who, seed))[0], "user")) for seed in range(6)}
    assert len(others) > 3


def test_withheld_facts_come_only_when_asked() -> None:
    for seed in range(8):
        task = scenario("gradual", seed)
        events, _ = asyncio.run(played(task, cast(seed), seed))
        wish = task.wishes[0]
        asked: set[str] = set()
        for event in events:
            if event.kind != "message":
                continue
            text = event.payload["text"]
            if event.payload["role"] == "agent":
                asked |= reading.asks(text, wish.facts, cast(seed).persona.language)
            elif event.seq > 1:
                for fact in wish.facts:
                    if fact.key in wish.withheld and fact.kind == "id" and mentions(text, fact.value, fact.kind):
                        assert fact.key in asked


def test_a_wrong_value_is_never_used_once_corrected() -> None:
    for seed in range(6):
        found = reply("wrong_value", seed).scenario
        assert found is not None
        wrong = found.wishes[0].wrong
        assert wrong is not None
        events, _ = asyncio.run(played(found, cast(seed), seed))
        calls = [call for event in events for call in event.payload.get("tool_calls", [])]
        with_wrong = [call for call in calls if wrong.value in call["arguments"].values()]
        assert len(with_wrong) == (0 if wrong.malformed else 1)
        assert any(reading.reports_problem(text) for text in texts(events, "agent"))


def test_nothing_is_written_before_a_yes() -> None:
    for variation in ("plain", "changed_mind", "several_at_once"):
        events, _ = asyncio.run(played(scenario(variation, 5), cast(2), 2))
        confirmed = False
        for event in events:
            if event.kind == "message" and event.payload["role"] == "user":
                confirmed = reading.affirms(event.payload["text"])
            for call in event.payload.get("tool_calls", []):
                if tool_shed().tools[call["name"]].confirm:
                    assert confirmed, call


def test_the_persona_sets_the_language_of_both() -> None:
    for seed in range(6):
        who = cast(seed)
        events, _ = asyncio.run(played(scenario("plain", seed), who, seed))
        for text in [*texts(events, "user"), *texts(events, "agent")]:
            assert reading.language_of(text) == who.persona.language or who.persona.language == "ko"


def test_a_broken_policy_really_breaks_it() -> None:
    tasks = [task for seed in range(12) if (task := scenario("forbidden", seed)).wishes[0].refusal is not None]
    tasks = [task for task in tasks if task.wishes[0].refusal and task.wishes[0].refusal.blocked_tool]
    assert tasks
    for task in tasks:
        events, outcome = asyncio.run(played(task, cast(0), 1, "policy_broken"))
        assert outcome.slip is not None
        assert outcome.slip["kind"] == "policy_broken"
        assert matches(task, events)[1]


def test_a_lost_confirmation_is_not_repeated() -> None:
    for seed in range(5):
        task = scenario("plain", seed)
        writes = [step.tool for step in task.wishes[0].steps if step.effect == "write"]
        if not writes:
            continue
        struck = msgspec.structs.replace(task, faults=[PlannedFault(writes[-1], 0, "timeout", took_place=True)])
        events, _ = asyncio.run(played(struck, cast(1), 1))
        assert matches(struck, events) == (True, [])
        made = [call for event in events for call in event.payload.get("tool_calls", []) if call["name"] == writes[-1]]
        assert len(made) == writes.count(writes[-1])


def test_a_mind_changed_afterwards_is_followed() -> None:
    tasks = [task for seed in range(20) if (task := scenario("changed_mind", seed)).wishes[0].change]
    late = [task for task in tasks if task.wishes[0].change and task.wishes[0].change.when == "after"]
    assert late
    for task in late[:5]:
        events, _ = asyncio.run(played(task, cast(3), 2))
        assert matches(task, events) == (True, [])
