"""Chat messages read back into a log, so that a scripted seat can go on from them."""

import json
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, TypeVar

from synthesis.engine.episode.events import Event
from tests.fakes.model_server.question import Message

T = TypeVar("T")


def finished(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine that never waits returns: a scripted seat's. So it also runs inside a loop."""
    try:
        work.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    raise RuntimeError("a scripted seat waited for something")


def events(steps: Iterator[tuple[str, dict[str, Any]]]) -> Iterator[Event]:
    """A log with a start, dense from 0."""
    yield Event(0, "episode_started", 0, "", {})
    for seq, (kind, payload) in enumerate(steps, 1):
        yield Event(seq, kind, 0, "", payload, payload.get("call_id"))  # type: ignore[arg-type]


def own_message(message: Message, role: str, names: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """What the model itself said and called; ``names`` learns which tool each call is of."""
    calls = [
        {"id": call["id"], "name": call["function"]["name"], "arguments": json.loads(call["function"]["arguments"])}
        for call in message.get("tool_calls") or []
    ]
    names |= {call["id"]: call["name"] for call in calls}
    return "message", {"role": role, "text": message.get("content") or "", **({"tool_calls": calls} if calls else {})}


def result(message: Message, requestor: str, names: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """What came back from a call of its own."""
    value, call = json.loads(message["content"]), message["tool_call_id"]
    failed = isinstance(value, dict) and set(value) == {"error"} and isinstance(value["error"], dict)
    given = {"error": value["error"]} if failed else {"result": value}
    return "tool_result", {"call_id": call, "name": names[call], "requestor": requestor, "digest": "", "delta": [], **given}


def as_agent(messages: Sequence[Message]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What an agent's messages say happened."""
    names: dict[str, str] = {}
    for message in messages:
        if message["role"] == "user":
            yield "message", {"role": "user", "text": message["content"]}
        elif message["role"] == "assistant":
            yield own_message(message, "agent", names)
        elif message["role"] == "tool":
            yield result(message, "agent", names)


def as_user(messages: Sequence[Message]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a user's messages say happened; to it the agent is the one with the role ``user``."""
    names: dict[str, str] = {}
    spoken = [message for message in messages if message["role"] in {"user", "assistant", "tool"}][1:]
    for at, message in enumerate(spoken):
        if message["role"] == "assistant":
            yield own_message(message, "user", names)
            continue
        if message["role"] == "tool":
            yield result(message, "user", names)
            continue
        # Of several messages in a row all but the last stood beside calls, which a user does not see.
        beside = at + 1 < len(spoken) and spoken[at + 1]["role"] == "user"
        yield "message", {"role": "agent", "text": message["content"], **({"tool_calls": [{}]} if beside else {})}
