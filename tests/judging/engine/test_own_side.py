"""Plays in which the user has a part of its own: whose fault what is missing is, damage, and what is exported."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from judging.engine.assessment import FinishedEpisode
from judging.engine.formats.canonical import conversation
from judging.engine.formats.record import JudgementSheet, Record
from judging.engine.formats.registry import FORMATS
from judging.engine.judges.programmatic import Judged
from judging.engine.judges.transcript import entries_of
from judging.engine.mutation.mutate import Mutator
from judging.engine.mutation.script import perform, script_of
from judging.engine.mutation.subject import Subject
from judging.engine.slips import caught
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.trajectory import read_trajectory
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.scenario import Scenario
from tests.builders_participants import cast
from tests.judging.engine.test_scripted import assessor
from tests.phone import phone, phone_machine, phone_scenario, phone_worlds
from tests.synthesis.engine.participants.test_own_side import PACKS, played


def opened(events: Sequence[Event], index: int) -> list[Event]:
    """The log with its cast, as the studio writes it."""
    payload = {**events[0].payload, "cast": msgspec.to_builtins(cast(index))}
    return [msgspec.structs.replace(events[0], payload=payload), *events[1:]]


def judged(task: Scenario, events: Sequence[Event], index: int = 0) -> Judged:
    item = FinishedEpisode(1, task, opened(events, index))
    return asyncio.run(assessor().assess(item, phone_worlds(), PACKS)).judged


def renumbered(events: Sequence[Event]) -> list[Event]:
    return [msgspec.structs.replace(event, seq=seq) for seq, event in enumerate(events)]


async def without_own_calls(task: Scenario, events: Sequence[Event], tool: str) -> list[Event]:
    """The play in which the user says that it has used a tool, and never did."""
    script = script_of(events)
    kept = [line for line in script.lines if line.role != "user" or all(call.name != tool for call in line.calls)]
    return await perform(msgspec.structs.replace(script, lines=kept), await phone_worlds().open(task))


def test_a_good_play_passes_with_full_credit() -> None:
    for intent in ("no_signal", "data_abroad", "insure_new_phone"):
        task = phone_scenario(intent)
        found = judged(task, asyncio.run(played(task, cast(3))), 3)
        assert found.passed, [(r.id, r.reason) for r in found.results if r.failed]
        assert found.process_credit == 1.0
        assert next(r for r in found.results if r.id == "call_count").value == 1.0, "the user's calls are not counted as the agent's"


def test_a_user_that_passes_over_a_request_is_to_blame() -> None:
    task = phone_scenario("emergency_only")
    events = asyncio.run(without_own_calls(task, asyncio.run(played(task, cast(0))), "restart_phone"))
    found = judged(task, events)
    assert found.failure is not None
    assert (found.failure.party, found.failure.check, found.failure.tag) == ("user", "does_as_asked", "not_done")
    answer = next(e for e in events if e.seq == found.failure.first_event)
    assert answer.payload["role"] == "user"


def test_an_agent_of_its_own_mind_may_do_without_a_look_that_nothing_is_taken_from() -> None:
    task = phone_scenario("no_signal")
    script = script_of(asyncio.run(played(task, cast(0))))
    looked = next(i for i, line in enumerate(script.lines) if any(call.name == "check_status_bar" for call in line.calls))
    lines = [*script.lines[: looked - 1], *script.lines[looked + 2 :]]  # without the request, the look and what came of it

    async def again() -> list[Event]:
        return await perform(msgspec.structs.replace(script, lines=lines), await phone_worlds().open(task))

    events = asyncio.run(again())
    assert "required_calls" in {r.id for r in judged(task, events).results if r.failed}, "the scripted agent leaves nothing out rightly"
    who = msgspec.structs.replace(cast(0), seats={"user": "scripted", "agent": "model:somebody", "tools": "scripted"})
    payload = {**events[0].payload, "cast": msgspec.to_builtins(who)}
    item = FinishedEpisode(1, task, [msgspec.structs.replace(events[0], payload=payload), *events[1:]])
    found = asyncio.run(assessor().assess(item, phone_worlds(), PACKS)).judged
    assert found.passed, [(r.id, r.reason) for r in found.results if r.failed]


def test_an_agent_that_never_asks_is_to_blame() -> None:
    task = phone_scenario("emergency_only")
    found = judged(task, asyncio.run(played(task, cast(0), slip="skipped_step")))
    assert found.failure is not None
    assert (found.failure.party, found.failure.check, found.failure.tag) == ("agent", "required_calls", "not_asked")
    assert "restart_phone" in found.failure.reason
    assert caught("skipped_step", found.results)


def test_a_user_that_tries_the_agents_tools_has_left_its_script() -> None:
    task = phone_scenario("no_signal")
    events = asyncio.run(played(task, cast(0)))
    at = next(e.seq for e in events if e.kind == "message" and e.payload["role"] == "user" and e.payload.get("tool_calls"))
    tried: dict[str, Any] = {"role": "user", "text": "", "tool_calls": [{"id": "x", "name": "list_lines", "arguments": {}}]}
    refusal = {"code": "wrong_side", "message": "no"}
    result = {
        "call_id": "x",
        "name": "list_lines",
        "requestor": "user",
        "digest": events[at - 2].payload.get("digest", ""),
        "error": refusal,
    }
    added = [Event(0, "message", 2, "", tried), Event(0, "tool_result", 2, "", {**result, "delta": []}, "x")]
    found = judged(task, renumbered([*events[:at], *added, *events[at:]]))
    assert found.failure is not None
    assert (found.failure.party, found.failure.tag) == ("user", "script_left")


@pytest.mark.parametrize("method", ["replay", "surgery"])
def test_damage_is_done_to_the_agents_part_and_found(method: Any) -> None:
    task = phone_scenario("data_abroad")
    events = opened(asyncio.run(played(task, cast(0))), 0)
    subject = Subject(1, task, cast(0), 5, events)
    mutants = asyncio.run(Mutator(phone_worlds(), PACKS, starter_wording()).mutants(subject, method))
    assert {"skipped_step", "needless_call", "policy_broken"} <= {mutant.kind for mutant in mutants}
    for mutant in mutants:
        found = judged(task, mutant.events)
        assert not found.passed, mutant.note
        assert caught(mutant.kind, found.results), mutant.note
        assert found.failure is not None
        assert found.failure.party == "agent", mutant.note


def test_an_unchanged_script_of_both_sides_gives_its_own_log_again() -> None:
    async def again() -> list[Event]:
        task = phone_scenario("no_signal")
        events = await played(task, cast(0))
        assert await perform(script_of(events), await phone_worlds().open(task)) == events
        return events

    assert asyncio.run(again())


def record() -> Record:
    task, who = phone_scenario("insure_new_phone"), cast(0)
    trajectory = read_trajectory(asyncio.run(played(task, who)))
    tools = {offered.name: phone().tools[offered.tool] for offered in task.tools}
    sheet = JudgementSheet("programmatic", "v", "starter", "r", 5.0, 1.0, [], {})
    return Record(0, 1, 1, task, who, trajectory, conversation(trajectory), "", tools, sheet)


def test_trainers_see_the_agents_calls_and_the_users_words() -> None:
    chat = msgspec.json.decode(next(FORMATS["openai"].lines(record())))
    called = [call["function"]["name"] for m in chat["messages"] for call in m.get("tool_calls", [])]
    offered = {tool["function"]["name"] for tool in chat["tools"]}
    assert set(called) <= offered
    assert not offered & set(phone().user_tools)
    imei = next(m["content"] for m in chat["messages"] if m["role"] == "user" and "IMEI" in m["content"])
    insured = next(c for m in chat["messages"] for c in m.get("tool_calls", []) if c["function"]["name"] == "insure_phone")
    assert msgspec.json.decode(insured["function"]["arguments"])["imei"] in imei
    roles = [m["role"] for m in chat["messages"] if m["role"] != "tool"]
    assert ("user", "user") not in list(pairwise(roles))


def test_whole_trajectories_hold_both_sides_and_replay_to_their_digest() -> None:
    row = msgspec.json.decode(next(FORMATS["trajectories"].lines(record())))
    assert {tool["name"] for tool in row["user_tools"]} == set(phone().user_tools)
    assert [call["name"] for call in row["calls"] if call.get("requestor") == "user"] == ["read_imei"]
    assert [m["content"] for m in row["messages"] if m.get("requestor") == "user"], "its results stand among the messages"
    state = phone_machine().state(row["worlds"][0]["seed"])
    state.caller = row["callers"]["phone_support"]
    for call in row["calls"]:
        assert phone_machine().call(state, call["name"], call["arguments"]).result == call["result"]
    assert state.digest() == row["final_digest"]


def test_a_judge_sees_whose_calls_they_were() -> None:
    who = [entry.who for entry in entries_of(record().trajectory)]
    assert who.count("user_call") == who.count("user_result") == 1
