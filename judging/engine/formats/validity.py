"""Whether a conversation is a valid training row: roles alternate, calls and results pair, arguments fit, sizes are bounded."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from judging.engine.formats.canonical import CanonicalMessage
from synthesis.engine.packs.model import Tool
from synthesis.engine.world.values import validator_of

MAX_MESSAGES = 400
MAX_CHARACTERS = 400_000


class Arguments:
    """Validators of tool parameters, compiled once. Tools are told apart by identity, which is safe because the cache keeps them alive."""

    def __init__(self) -> None:
        self._validators: dict[int, tuple[Tool, Any]] = {}

    def flaw(self, tool: Tool, arguments: Mapping[str, Any]) -> str | None:
        """Why ``arguments`` do not fit, or None."""
        kept = self._validators.get(id(tool))
        if kept is None:
            kept = self._validators[id(tool)] = (tool, validator_of(tool.parameters))
        error = next(kept[1].iter_errors(dict(arguments)), None)
        return None if error is None else error.message


def flaw_of(messages: Sequence[CanonicalMessage], tools: Mapping[str, Tool], arguments: Arguments) -> str | None:
    """Why ``messages`` are not a valid row, in a few words; None when they are."""
    if len(messages) > MAX_MESSAGES:
        return f"more than {MAX_MESSAGES} messages"
    if sum(len(m.content) for m in messages) > MAX_CHARACTERS:
        return f"more than {MAX_CHARACTERS} characters"
    return _roles(messages) or _pairs(messages) or _fits(messages, tools, arguments)


def _roles(messages: Sequence[CanonicalMessage]) -> str | None:
    if not messages or messages[0].role != "user":
        return "does not begin with the user"
    if not any(m.role == "assistant" for m in messages):
        return "the agent never speaks"
    spoken = [m for m in messages if m.role != "tool"]
    for before, after in pairwise(spoken):
        allowed = "assistant" if before.role == "user" or before.calls else "user"
        if after.role != allowed:
            return f"event {after.event}: {after.role} speaks where it is the turn of the {allowed}"
    for message in spoken:
        if not message.content and not message.calls:
            return f"event {message.event}: an empty message"
    return None


def _pairs(messages: Sequence[CanonicalMessage]) -> str | None:
    waiting: list[str] = []
    used: set[str] = set()
    for message in messages:
        if message.role == "tool":
            if not waiting or message.call_id != waiting.pop(0):
                return f"event {message.event}: a result without its call"
            continue
        if waiting:
            return f"event {message.event}: {waiting[0]} has no result"
        waiting = [call.id for call in message.calls]
        if used & set(waiting) or len(set(waiting)) < len(waiting):
            return f"event {message.event}: a call id is used twice"
        used.update(waiting)
    return f"{waiting[0]} has no result" if waiting else None


def _fits(messages: Sequence[CanonicalMessage], tools: Mapping[str, Tool], arguments: Arguments) -> str | None:
    for message in messages:
        for call in message.calls:
            if call.name not in tools:
                return f"event {message.event}: {call.name} is not an offered tool"
            flaw = arguments.flaw(tools[call.name], call.arguments)
            if flaw:
                return f"event {message.event}: arguments of {call.name} do not fit: {flaw}"[:300]
    return None
