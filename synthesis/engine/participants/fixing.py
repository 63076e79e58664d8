"""Mending a trajectory: the message in which it first went wrong is replaced, and the play goes on from there.

What stands before that message stays as it is, byte for byte; the replacement is the first event that the new log has of its own
(after the note that tells of the fork), and its calls are executed like any others.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.seats import AgentMove, UserMove
from synthesis.engine.participants.forking import CannotFork
from synthesis.engine.tools import ToolCall

Seat = Literal["user", "agent"]


class Mistake(msgspec.Struct, frozen=True):
    """The message to replace: its event number and whose it is."""

    seq: int
    seat: Seat


def mistake_at(log: Sequence[Event], seq: int, seat: Seat | None = None) -> Mistake:
    """The message in which event ``seq`` has its cause: itself, the one that called (of a result), or the last one before it.

    ``seat`` asks for the last message of that seat instead of anybody's. Raises CannotFork when there is none.
    """
    event = next((one for one in log if one.seq == seq), None)
    if event is None:
        raise CannotFork("There is no such step in this episode.")
    if event.kind == "tool_result" and seat in {None, event.payload.get("requestor", "agent")}:
        caller = next((one for one in log if event.call_id in _call_ids(one)), None)
        if caller is not None:
            return Mistake(caller.seq, caller.payload["role"])
    said = [one for one in log if one.kind == "message" and one.seq <= seq and seat in {None, one.payload["role"]}]
    if not said:
        raise CannotFork("Nothing was said up to this step that could be corrected.")
    return Mistake(said[-1].seq, said[-1].payload["role"])


def next_mistake(log: Sequence[Event], seq: int, seat: Seat) -> Mistake | None:
    """The first message of a seat after event ``seq``: where it passed over what that event told."""
    following = (one for one in log if one.kind == "message" and one.seq > seq and one.payload["role"] == seat)
    return next((Mistake(one.seq, seat) for one in following), None)


def last_mistake(log: Sequence[Event], seat: Seat) -> Mistake:
    """The last message of a seat: where something was left out that ought to have been done. Raises CannotFork."""
    if not log:
        raise CannotFork("Nothing was said up to this step that could be corrected.")
    return mistake_at(log, log[-1].seq, seat)


def _call_ids(event: Event) -> set[str]:
    return {str(call["id"]) for call in event.payload.get("tool_calls", [])} if event.kind == "message" else set()


class Correction(msgspec.Struct, frozen=True):
    """What is said and called instead. ``calls`` are ``{name, arguments}``, with the ``id`` of a call that is taken over as it was."""

    text: str = ""
    calls: list[dict[str, Any]] = []
    done: bool = False


def correction_of(move: UserMove | AgentMove) -> Correction:
    """A seat's move as a correction."""
    calls = [msgspec.to_builtins(call) for call in move.calls]
    return Correction(move.text, calls, move.done)


def as_it_was(event: Event) -> Correction:
    """A message as it stands, for whoever wants to change it."""
    calls = [{"name": call["name"], "arguments": call["arguments"]} for call in event.payload.get("tool_calls", [])]
    return Correction(event.payload.get("text") or "", calls)


def move_of(correction: Correction, seat: Seat, offered: Sequence[str], at: int) -> UserMove | AgentMove:
    """The correction as the move of its seat, at event number ``at``; ``offered`` are the names of that seat's tools. Raises CannotFork for
    what nobody could say or call."""
    if seat == "user" and correction.calls and not offered:
        raise CannotFork("A user says something, and calls no tools.")
    if seat == "user" and bool(correction.text.strip()) == bool(correction.calls):
        raise CannotFork("A user says something, or uses a tool of its own side and says nothing with it.")
    if not correction.text.strip() and not correction.calls:
        raise CannotFork("Write what the agent says, or choose a tool that it calls.")
    for call in correction.calls:
        if call.get("name") not in offered:
            raise CannotFork(f"The {seat} has no tool {call.get('name')!r} in this episode. It has: {', '.join(offered)}.")
        if not isinstance(call.get("arguments"), Mapping):
            raise CannotFork(f"The arguments of {call['name']} must be a JSON object.")
    calls = [
        ToolCall(str(call.get("id") or f"call_fix_{at}_{place}"), call["name"], dict(call["arguments"]))
        for place, call in enumerate(correction.calls)
    ]
    if seat == "user":
        return UserMove(correction.text.strip(), calls=calls)
    return AgentMove(correction.text.strip(), calls, done=correction.done)
