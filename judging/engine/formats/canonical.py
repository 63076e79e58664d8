"""The canonical conversation of a trajectory: normalised chat messages that every writer starts from, and their digests."""

import hashlib
import re
import unicodedata
from typing import Any

import msgspec

from synthesis.engine.episode.trajectory import Call, Trajectory

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control, bidi and zero-width characters, and lone surrogates. Tab and newline stay."""
_BLANKS = re.compile(r"[ \t]+(?=\n|$)")


class CanonicalCall(msgspec.Struct, frozen=True):
    """A call under its normalised id."""

    id: str
    name: str
    arguments: dict[str, Any]


class CanonicalMessage(msgspec.Struct, frozen=True):
    """``role`` is user, assistant or tool; a tool message answers ``call_id`` and holds its result as JSON text. ``event`` is its number
    in the log. ``requestor`` is ``user`` on the result of a tool of the user's own side, None elsewhere.
    """

    role: str
    content: str
    event: int
    calls: list[CanonicalCall] = []
    call_id: str | None = None
    reasoning: str | None = None
    requestor: str | None = None


def _of_user(call: Call) -> str | None:
    return call.requestor if call.requestor == "user" else None


def normal_text(text: str) -> str:
    """Unicode NFC, without invisible characters and trailing blanks."""
    return _BLANKS.sub("", _UNSEEN.sub("", unicodedata.normalize("NFC", text))).strip()


def normal_value(value: Any) -> Any:
    """A JSON value whose strings are NFC and free of invisible characters; keys keep their order."""
    if isinstance(value, str):
        return _UNSEEN.sub("", unicodedata.normalize("NFC", value))
    if isinstance(value, dict):
        return {normal_value(key): normal_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normal_value(item) for item in value]
    return value


def call_id(call: Call) -> str:
    """The normalised id of a call: ``call_0001`` counts from one within its episode."""
    return f"call_{call.position + 1:04d}"


def conversation(trajectory: Trajectory, *, whole: bool = False) -> list[CanonicalMessage]:
    """The messages in order, each call's result right after the message that made it. What the user did on its own side the agent never
    saw, so it is left out unless the ``whole`` is wanted."""
    messages = []
    for message in trajectory.messages:
        if message.role == "user" and message.calls and not whole:
            continue
        calls = [CanonicalCall(call_id(c), c.name, normal_value(c.arguments)) for c in message.calls]
        role = "assistant" if message.role == "agent" else message.role
        reasoning = normal_text(message.reasoning) if message.reasoning else None
        messages.append(CanonicalMessage(role, normal_text(message.text), message.seq, calls, None, reasoning))
        messages += [
            CanonicalMessage("tool", result_text(call), call.result_seq, call_id=call_id(call), requestor=_of_user(call))
            for call in message.calls
            if call.result_seq is not None
        ]
    return messages


def result_text(call: Call) -> str:
    """What the caller was shown of a call, as JSON text."""
    outcome = call.outcome
    if outcome is None:
        return ""
    shown: Any = {"error": msgspec.to_builtins(outcome.error)} if outcome.error else outcome.result
    return msgspec.json.encode(normal_value(shown)).decode()


def exact_digest(messages: list[CanonicalMessage]) -> str:
    """sha256 over roles, texts, calls and results: equal for episodes that read the same."""
    content = [[m.role, m.content, m.calls, m.call_id] for m in messages]
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def structural_digest(trajectory: Trajectory, variation: str, language: str) -> str:
    """sha256 over the sequence of calls with normalised arguments, the final state, the variation and the language.

    Variation and language belong to it: the same calls in another kind of conversation are another lesson, not a duplicate.
    """
    calls = [[call.name, _plain(call.arguments)] for call in trajectory.all_calls]
    content = [variation, language, trajectory.digest, calls, _asked_of(trajectory)]
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def _asked_of(trajectory: Trajectory) -> str:
    """Without any call nothing but the scenario tells two episodes apart."""
    return "" if trajectory.calls else str(trajectory.opening.get("scenario", ""))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
