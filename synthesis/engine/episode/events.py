"""The append-only log of an episode: event kinds, payload shapes and their one-line heads.

An event is ``(seq, kind, turn, call_id, head, payload)``; ``seq`` is dense from 0. Everything else (trajectory, state, pages) is a fold
over the log. Payload shapes are those of the design page architecture.md, section Events.
"""

from typing import Any, Literal

import msgspec

Kind = Literal["episode_started", "message", "tool_result", "handoff", "user_feedback", "note", "episode_ended"]
EndReason = Literal[
    "user_done", "agent_done", "max_turns", "max_calls", "wall_time", "max_tokens", "max_cost", "budget", "error", "cancelled", "poison"
]
HEAD_LENGTH = 160


class Event(msgspec.Struct, frozen=True):
    """One step of a log. See the module docstring."""

    seq: int
    kind: Kind
    turn: int
    head: str
    payload: dict[str, Any]
    call_id: str | None = None


def clip(text: str) -> str:
    """``text`` on one line of at most HEAD_LENGTH characters."""
    line = " ".join(text.split())
    return line if len(line) <= HEAD_LENGTH else line[: HEAD_LENGTH - 1] + "…"
