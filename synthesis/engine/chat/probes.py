"""What a self-check asks an endpoint, and how an answer is read: one question for each thing that a seat may need. Plain; asking is in
``adapters/model_client/checking``."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from synthesis.engine.chat.answer import WHOLE
from synthesis.engine.chat.model import ChatReply, ChatRequest, ReplySchema
from synthesis.engine.chat.profiles import Profile

Works = Literal["yes", "partly", "no", "unasked"]
NAMES = ("plain", "finish", "usage", "stream", "tool", "parallel", "schema", "embeddings")
"""In the order in which they are asked. ``finish`` and ``usage`` are read from other answers."""
LONGEST_NOTE = 300
ENOUGH = 1024
"""Tokens of an answer: models that think first need many for one word."""


class Finding(msgspec.Struct, frozen=True):
    """What one question found. ``code`` says it in a word that pages translate; ``note`` is what the endpoint said or gave, in its own
    words; ``seconds`` how long the answer took, 0 where nothing was asked.
    """

    name: str
    works: Works
    code: str = ""
    note: str = ""
    seconds: float = 0.0


TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Look up one record by its key.",
        "parameters": {
            "type": "object",
            "properties": {"key": {"type": "string"}},
            "required": ["key"],
            "additionalProperties": False,
        },
    },
}
FORM = ReplySchema(
    "city",
    {
        "type": "object",
        "properties": {"name": {"type": "string"}, "letters": {"type": "integer"}},
        "required": ["name", "letters"],
        "additionalProperties": False,
    },
)


def _asked(words: str) -> list[dict[str, Any]]:
    return [{"role": "system", "content": "You are being tested. Do exactly what is asked."}, {"role": "user", "content": words}]


REQUESTS: dict[str, ChatRequest] = {
    "plain": ChatRequest("agent", _asked("Write the word ready and nothing else."), max_tokens=ENOUGH),
    "stream": ChatRequest("agent", _asked("Count from one to ten in words."), max_tokens=ENOUGH),
    "tool": ChatRequest("agent", _asked("Look up the record with the key A-1."), [TOOL], max_tokens=ENOUGH),
    "parallel": ChatRequest(
        "agent", _asked("Look up the records A-1 and B-2. Make both calls now, in this one turn."), [TOOL], max_tokens=ENOUGH
    ),
    "schema": ChatRequest("judge", _asked("Give the name of any city and the number of its letters."), answer=FORM, max_tokens=ENOUGH),
}


def read_plain(reply: ChatReply, finish: Any, profile: Profile) -> list[Finding]:
    """Findings of a plain answer: that there is one, how it says that it is whole, and whether its tokens are counted."""
    apart = "reasoning" if reply.reasoning else ""
    counted = not reply.usage.estimated
    return [
        Finding("plain", "yes", apart, reply.text.strip()[:80], reply.usage.seconds),
        read_finish([finish], profile),
        Finding("usage", "yes" if counted else "no", "" if counted else "estimated", f"prompt_tokens={reply.usage.prompt_tokens}"),
    ]


def read_finish(reasons: Sequence[Any], profile: Profile) -> Finding:
    """How answers say that they are whole: usual words, words of this profile, or something that no call would accept."""
    note = ", ".join("null" if reason is None else str(reason) for reason in reasons)[:LONGEST_NOTE]
    odd = [reason for reason in reasons if reason is not None and reason not in WHOLE | profile.finish]
    if odd:
        return Finding("finish", "no", "odd", note)
    if None in reasons:
        return Finding("finish", "partly" if profile.null_finish else "no", "null", note)
    return Finding("finish", "yes", "", note)


def read_calls(name: str, reply: ChatReply) -> Finding:
    """Findings of an answer that should call the tool once, or twice in one turn."""
    wanted, made = (2 if name == "parallel" else 1), len(reply.calls)
    keys = ", ".join(str(call.arguments.get("key")) for call in reply.calls)[:LONGEST_NOTE]
    if made >= wanted:
        return Finding(name, "yes", "", keys, reply.usage.seconds)
    return Finding(name, "no", "one_call" if made else "no_call", keys or reply.text.strip()[:80], reply.usage.seconds)


def read_schema(reply: ChatReply, profile: Profile) -> Finding:
    """An object came that fits; by a parameter of the request, or because the words asked for it."""
    return Finding("schema", "yes", f"by_{profile.schema}", reply.text.strip()[:80], reply.usage.seconds)


def unasked(names: Sequence[str]) -> list[Finding]:
    """Questions that there was no use in asking."""
    return [Finding(name, "unasked") for name in names]
