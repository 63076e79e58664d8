"""One move of the scripted agent and what it means for the agent's own state."""

from typing import Any

import msgspec

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
    slip: dict[str, Any] | None = None


class Plan(msgspec.Struct):
    """One move: what it says and calls, and what it means."""

    text: str = ""
    calls: list[ToolCall] = []
    done: bool = False
    meaning: Meaning = msgspec.field(default_factory=Meaning)
