"""The fold over a log: messages with calls and results, and what is wrong with a damaged log."""

import msgspec

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from tests.judging.builders import OWNER, Talk, good


def test_reads_messages_calls_and_end() -> None:
    trajectory = read_trajectory(good().events)
    assert [m.role for m in trajectory.messages] == ["user", "agent", "agent", "agent", "agent", "user", "agent", "agent", "user"]
    assert [c.name for c in trajectory.calls] == ["find_owner", "list_visits", "find_slots", "move_visit"]
    assert trajectory.calls[0].outcome is not None
    assert trajectory.calls[0].outcome.result == OWNER
    assert trajectory.calls[3].wrote
    assert trajectory.reason == "user_done"
    assert trajectory.problems == []
    assert [m.seq for m in trajectory.said_by("user")] == [1, 9, 13]


def test_messages_hold_the_same_calls_as_the_list() -> None:
    trajectory = read_trajectory(good().events)
    assert [call for message in trajectory.messages for call in message.calls] == trajectory.calls


def test_names_a_gap_a_missing_result_and_what_follows_the_end() -> None:
    events = good().events
    assert "event 3 follows event 1" in read_trajectory(events[:2] + events[3:]).problems
    without = [e for e in events if not (e.kind == "tool_result" and e.call_id == "c3")]
    dense = [msgspec.structs.replace(e, seq=i) for i, e in enumerate(without)]
    assert any("c3" in problem for problem in read_trajectory(dense).problems)
    late = [*events, Event(len(events), "message", 1, "", {"role": "user", "text": "hello?"})]
    assert any("after the end" in problem for problem in read_trajectory(late).problems)


def test_a_result_without_its_call_and_an_id_used_twice_are_problems() -> None:
    events = Talk().user("hi").events
    stray = Event(2, "tool_result", 1, "", {"call_id": "x", "name": "t", "result": 1, "delta": [], "digest": ""}, "x")
    assert "result 2 has no open call x" in read_trajectory([*events, stray]).problems
    twice = {
        "role": "agent",
        "text": "",
        "tool_calls": [{"id": "a", "name": "t", "arguments": {}}, {"id": "a", "name": "t", "arguments": {}}],
    }
    assert "call id a is used twice" in read_trajectory([*events, Event(2, "message", 1, "", twice)]).problems


def test_an_unfinished_log_reads() -> None:
    trajectory = read_trajectory(good().events[:4])
    assert trajectory.reason is None
    assert trajectory.problems == []


def test_records_tell_what_a_fault_kept_from_happening() -> None:
    talk = Talk().user("hi")
    talk.call("a", error="timeout", fault={"kind": "timeout", "took_place": False})
    talk.call("b", error="timeout", fault={"kind": "timeout", "took_place": True})
    talk.call("c", result=1)
    trajectory = read_trajectory(talk.events)
    assert [record.executed for record in call_records(trajectory)] == [False, True, True]
    assert [call.took_effect for call in trajectory.calls] == [False, True, True]
