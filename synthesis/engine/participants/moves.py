"""One move of the scripted agent and what it means for the agent's own state."""

from collections.abc import Sequence
from typing import Any

import msgspec

from synthesis.engine.participants.track import Track
from synthesis.engine.tools import ToolCall


class Meaning(msgspec.Struct):
    """What a move does to the agent's own state. Wishes by position, steps by (wish, step)."""

    calls: dict[str, tuple[int, int]] = {}
    asked: list[tuple[int, str]] = []
    proposed: list[int] = []
    closed: list[int] = []
    refused: list[int] = []
    skipped: list[tuple[int, int]] = []
    ignored: list[tuple[int, str]] = []
    unconfirmed: list[int] = []
    requested: list[tuple[int, int]] = []
    slip: dict[str, Any] | None = None


class Plan(msgspec.Struct):
    """One move: what it says and calls, and what it means."""

    text: str = ""
    calls: list[ToolCall] = []
    done: bool = False
    meaning: Meaning = msgspec.field(default_factory=Meaning)


def apply_to(tracks: Sequence[Track], meaning: Meaning) -> None:
    """Take a move that was made into account in the wishes' own state."""
    for wish, step in meaning.calls.values():
        tracks[wish].pending.add(step)
    for wish, key in meaning.asked:
        tracks[wish].asked[key] = tracks[wish].asked.get(key, 0) + 1
    for wish, step in meaning.requested:
        tracks[wish].request(step)
    for wish in meaning.proposed:
        tracks[wish].proposed = True
    for wish in meaning.closed:
        tracks[wish].closed = True
    for wish in meaning.refused:
        tracks[wish].closed = tracks[wish].refused = True
    _skip(tracks, meaning)


def _skip(tracks: Sequence[Track], meaning: Meaning) -> None:
    """What a slip passed over."""
    for wish, key in meaning.ignored:
        tracks[wish].trouble = None
        tracks[wish].told[key] = "right"
    for wish in meaning.unconfirmed:
        tracks[wish].confirmed = True
    for wish, step in meaning.skipped:
        tracks[wish].settle(step, tracks[wish].steps[step].result)


def act_of(meaning: Meaning) -> str:
    """What kind of move it was: ask, propose, close, call or other."""
    if meaning.asked or meaning.requested:
        return "ask"
    if meaning.proposed:
        return "propose"
    if meaning.closed or meaning.refused:
        return "close"
    return "call" if meaning.calls else "other"
