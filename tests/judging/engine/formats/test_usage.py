"""What models took for an episode, by seat."""

from typing import Any

from judging.engine.formats.usage import SeatUsage, usage_by_seat
from synthesis.engine.episode.events import Event, Kind

SEATS = {"user": "model:moon", "agent": "model:kimi", "tools": "scripted"}


def event(seq: int, kind: Kind, **payload: Any) -> Event:
    return Event(seq, kind, 0, "", payload)


def usage(model: str, prompt: int, completion: int, cost: int, attempts: int = 1) -> dict[str, Any]:
    return {"model": model, "prompt_tokens": prompt, "completion_tokens": completion, "cost": cost, "attempts": attempts}


def test_answers_are_added_up_seat_by_seat() -> None:
    log = [
        event(0, "episode_started"),
        event(1, "message", role="user", usage=usage("moon-1", 10, 2, 3)),
        event(2, "message", role="agent", usage=usage("k2", 100, 20, 30)),
        event(3, "tool_result", usage={**usage("sim", 5, 5, 5), "prompt": "p1"}),
        event(4, "message", role="agent", usage=usage("k2-0711", 200, 10, 40, attempts=2)),
    ]
    assert usage_by_seat(log, SEATS) == {
        "user": SeatUsage("moon", ["moon-1"], 1, 1, 10, 2, 3),
        "agent": SeatUsage("kimi", ["k2", "k2-0711"], 2, 3, 300, 30, 70),
        "tools": SeatUsage("", ["sim"], 1, 1, 5, 5, 5, ["p1"]),
    }


def test_a_model_that_said_nothing_is_named_and_scripted_seats_are_not() -> None:
    assert usage_by_seat([], SEATS) == {"agent": SeatUsage("kimi"), "user": SeatUsage("moon")}
    assert usage_by_seat([event(1, "message", role="user")], {"user": "scripted", "agent": "scripted"}) == {}
