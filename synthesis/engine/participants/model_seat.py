"""What both model-backed seats share: asking once more when an answer cannot be used, and counting what both tries took."""

from collections.abc import Callable, Mapping, Set
from typing import Any

import msgspec

from synthesis.engine.chat.errors import Unusable
from synthesis.engine.chat.model import ChatModel, ChatReply, ChatRequest, OnDelta, Usage
from synthesis.engine.tools import ToolCall


class Asked(msgspec.Struct, frozen=True):
    """An answer, what it took with its repair, and the problem that was repaired, or None."""

    reply: ChatReply
    usage: Usage
    repaired: str | None = None


Check = Callable[[ChatReply], str | None]
"""What is wrong with an answer, as a sentence for the model, or None."""


def anything(_reply: ChatReply) -> str | None:
    """Nothing is wrong with any answer."""
    return None


async def ask(model: ChatModel, request: ChatRequest, *, check: Check = anything, on_delta: OnDelta | None = None) -> Asked:
    """Ask; an answer that breaks a rule, the client's or ``check``'s, is shown to the model once with the problem.

    A guessed repair is never used: the second answer counts, or its Unusable is raised. Other ChatErrors pass through.
    """
    try:
        return _checked(await model.reply(request, on_delta), check, request)
    except Unusable as first:
        turn = [{"role": "assistant", "content": first.said}] if first.said else []
        again = [*request.messages, *turn, {"role": "user", "content": f"[This message is not from the user] {first.problem}"}]
        second = _checked(await model.reply(msgspec.structs.replace(request, messages=again), on_delta), check, request)
        return Asked(second.reply, first.usage.plus(second.usage), first.problem)


def _checked(reply: ChatReply, check: Check, request: ChatRequest) -> Asked:
    if problem := check(reply):
        unusable = Unusable(problem, reply.text)
        unusable.usage, unusable.party = reply.usage, request.role
        raise unusable
    return Asked(reply, reply.usage)


def usage_payload(usage: Usage, prompt: str) -> dict[str, Any]:
    """What a message's event says of the call that made it: the usage and the digest of the prompt."""
    return {**msgspec.to_builtins(usage), "prompt": prompt}


def fresh_ids(calls: list[ToolCall], used: Set[str]) -> list[ToolCall]:
    """The calls under ids that are new in this episode: many endpoints count from zero in every answer."""
    fresh: list[ToolCall] = []
    taken = set(used)
    for call in calls:
        identity = call.id
        while identity in taken:
            identity = f"call_{len(taken) + 1:04d}" if identity == call.id else f"{identity}x"
        taken.add(identity)
        fresh.append(ToolCall(identity, call.name, call.arguments))
    return fresh


def own_message(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A seat's own message as it goes back to its model. Reasoning is left out: endpoints refuse it or charge for it."""
    message: dict[str, Any] = {"role": "assistant", "content": payload.get("text") or ""}
    if payload.get("tool_calls"):
        message["tool_calls"] = [
            {
                "id": call["id"],
                "type": "function",
                "function": {"name": call["name"], "arguments": msgspec.json.encode(call["arguments"]).decode()},
            }
            for call in payload["tool_calls"]
        ]
    return message


def shown(payload: Mapping[str, Any]) -> str:
    """A tool's result as its caller sees it: never the delta, never that a fault was planned."""
    value = {"error": payload["error"]} if payload.get("error") else payload.get("result")
    return msgspec.json.encode(value).decode()
