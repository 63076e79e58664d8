"""How tools were used: what counts, and what does not."""

from typing import Any

from msgspec.structs import replace

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.tool_calls import tool_calls
from synthesis.engine.scenarios.scenario import OfferedTool, WorldRef
from tests.judging.builders import scenario


def came(seq: int, name: str, **payload: Any) -> Event:
    """A result in the log."""
    return Event(seq, "tool_result", 1, "", {"name": name, **payload})


def test_calls_are_counted_by_the_tool_behind_the_offered_name() -> None:
    shared = replace(
        scenario("plain"),
        worlds=[WorldRef("a", "a" * 64, 1), WorldRef("b", "b" * 64, 1)],
        tools=[OfferedTool("find", "a", "find"), OfferedTool("b_find", "b", "find")],
    )
    gone = {"code": "not_found", "message": "Nobody."}
    log = [
        came(1, "find", result=1),
        came(2, "find", error=gone),
        came(3, "find", error=gone),
        came(4, "find", error={"code": "timeout", "message": ""}, fault={"kind": "timeout", "took_place": False}),
        came(5, "b_find", result=None),
        came(6, "invented", error={"code": "unknown_tool", "message": ""}),
        Event(7, "message", 1, "", {"role": "agent", "text": "One moment."}),
    ]
    used = tool_calls(shared, log)
    assert [(u.release[0], u.tool, u.calls, u.failures, u.errors) for u in used] == [
        ("a", "find", 3, 2, {"not_found": 2}),
        ("b", "find", 1, 0, {}),
    ]
