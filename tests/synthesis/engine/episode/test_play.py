"""The episode loop: its log, its ends, and resuming from any point."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import Outcome, play
from synthesis.engine.episode.ports import CallRecord, Limits, LostEpisode, was_executed
from synthesis.engine.episode.seats import AgentMove, UserMove
from synthesis.engine.packs import holes
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.tools import ToolCall, ToolOutcome
from tests.worlds import local_worlds, scenario


class MemoryLog:
    """A log in memory; ``lose_at`` makes the append that would write that seq fail, as a lost lease does."""

    def __init__(self, past: Sequence[Event] = (), lose_at: int | None = None) -> None:
        self.events = list(past)
        self.lose_at = lose_at

    async def append(self, events: Sequence[Event]) -> None:
        if self.lose_at is not None and events[-1].seq >= self.lose_at:
            raise LostEpisode
        self.events.extend(events)


class Script:
    """A user and an agent that follow the gold calls, folding the log as ports demand."""

    def __init__(self, made: Scenario, *, talk: int = 0) -> None:
        self.steps = [s for w in made.wishes for s in w.steps if not s.known]
        self.results: dict[str, Any] = {}
        self.done, self.spoken, self.talk = 0, 0, talk

    def observe(self, event: Event) -> None:
        if event.kind == "tool_result":
            step = self.steps[self.done % len(self.steps)]
            self.done += 1
            if step.name:
                self.results[step.name] = event.payload.get("result")
        elif event.kind == "message" and event.payload["role"] == "agent" and not event.payload.get("tool_calls"):
            self.spoken += 1


class GoldUser(Script):
    async def act(self) -> UserMove:
        if self.spoken > self.talk:
            return UserMove("Bye.", done=True, feedback={"satisfied": True, "rating": 5, "words": "good"})
        return UserMove(f"Please, {self.spoken}.")


class GoldAgent(Script):
    async def act(self) -> AgentMove:
        if self.done < len(self.steps):
            step = self.steps[self.done]
            return AgentMove(calls=[ToolCall(f"call_{self.done:04d}", step.tool, holes.resolve(step.args, self.results))])
        return AgentMove(f"Done {self.spoken}.")


class EndlessAgent(Script):
    async def act(self) -> AgentMove:
        return AgentMove(calls=[ToolCall(f"call_{self.done:04d}", self.steps[0].tool, self.steps[0].args)])


class Ticks:
    """A clock that moves one second at every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


async def run(
    made: Scenario, log: MemoryLog, *, agent: type[GoldAgent] | type[EndlessAgent] = GoldAgent, limits: Limits | None = None, talk: int = 0
) -> Outcome:
    past = list(log.events)
    calls = {c["id"]: c for e in past if e.kind == "message" for c in e.payload.get("tool_calls", [])}
    records = [record(calls[e.call_id or ""], e.payload) for e in past if e.kind == "tool_result"]
    environment = await local_worlds().open(made, records)
    return await play(
        user=GoldUser(made, talk=talk),
        agent=agent(made),
        environment=environment,
        log=log,
        limits=limits or Limits(),
        clock=Ticks(),
        opening={"domain": made.domain, "digest": environment.digest},
        past=past,
    )


def record(call: dict[str, Any], payload: dict[str, Any]) -> CallRecord:
    outcome = msgspec.convert({k: payload[k] for k in ("result", "error", "delta", "fault", "digest") if k in payload}, ToolOutcome)
    return CallRecord(msgspec.convert(call, ToolCall), outcome, was_executed(outcome))


async def test_an_episode_is_logged_from_start_to_end_with_dense_numbers() -> None:
    made, log = scenario("plain", 2, intent="extend"), MemoryLog()
    outcome = await run(made, log)
    kinds = [event.kind for event in log.events]
    assert kinds[0] == "episode_started" and kinds[-2:] == ["user_feedback", "episode_ended"]
    assert [event.seq for event in log.events] == list(range(len(log.events)))
    assert outcome.reason == "user_done" and outcome.digest == made.expected_digest
    assert log.events[-1].payload == {"reason": "user_done", "digest": made.expected_digest, "totals": {"turns": 2, "calls": 3}}


@pytest.mark.parametrize("variation", ["plain", "long_haul", "several_at_once"])
async def test_an_episode_resumes_from_every_point_to_the_same_log(variation: str) -> None:
    made, whole = scenario(variation, 4), MemoryLog()
    await run(made, whole)
    for cut in range(1, len(whole.events)):
        again = MemoryLog(whole.events[:cut])
        await run(made, again)
        assert again.events == whole.events, f"after {cut} events"


async def test_a_lost_episode_writes_nothing_more() -> None:
    log = MemoryLog(lose_at=3)
    with pytest.raises(LostEpisode):
        await run(scenario("plain", 2), log)
    assert len(log.events) == 3


@pytest.mark.parametrize(
    ("limits", "reason"), [(Limits(max_calls=3), "max_calls"), (Limits(wall_seconds=5.0), "wall_time"), (Limits(max_turns=4), "max_turns")]
)
async def test_a_limit_ends_the_episode_and_is_noted(limits: Limits, reason: str) -> None:
    log = MemoryLog()
    endless = reason != "max_turns"
    outcome = await run(scenario("plain", 2), log, agent=EndlessAgent if endless else GoldAgent, limits=limits, talk=99)
    assert outcome.reason == reason
    assert [event.kind for event in log.events][-2:] == ["note", "episode_ended"]
    assert log.events[-2].payload == {"what": "limit", "limit": reason}


async def test_heads_are_one_line_and_bounded() -> None:
    log = MemoryLog()
    await run(scenario("plain", 2, intent="borrow"), log)
    assert all(event.head and "\n" not in event.head and len(event.head) <= 160 for event in log.events)
    assert "borrow_item → ok, 2 changed" in [event.head for event in log.events]
