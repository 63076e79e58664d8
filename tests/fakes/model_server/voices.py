"""How the fake provider plays a role competently: chat messages are read back into a log, and a scripted seat says what comes next."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.seats import Agent, User
from synthesis.engine.participants.prompts import STOP

Message = dict[str, Any]


def agent_says(messages: Sequence[Message], agent: Agent) -> Message:
    """The next message of an agent that has the conversation before it."""
    for event in _events(_as_agent(messages)):
        agent.observe(event)
    move = asyncio.run(agent.act())
    said: Message = {"content": move.text}
    if move.calls:
        said["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": msgspec.json.encode(call.arguments).decode()}}
            for call in move.calls
        ]
    return said


def user_says(messages: Sequence[Message], user: User) -> Message:
    """The next message of a simulated user; to it the agent is the one with the role ``user``."""
    for event in _events(_as_user(messages)):
        user.observe(event)
    move = asyncio.run(user.act())
    if not move.done:
        return {"content": move.text}
    feedback = move.feedback or {"rating": 3, "words": ""}
    return {"content": f"{move.text}\n{STOP} {feedback['rating']} {feedback['words']}"}


def _events(steps: Iterator[tuple[str, dict[str, Any]]]) -> Iterator[Event]:
    """A log with a start, dense from 0."""
    yield Event(0, "episode_started", 0, "", {})
    for seq, (kind, payload) in enumerate(steps, 1):
        yield Event(seq, kind, 0, "", payload, payload.get("call_id"))  # type: ignore[arg-type]


def _as_agent(messages: Sequence[Message]) -> Iterator[tuple[str, dict[str, Any]]]:
    names: dict[str, str] = {}
    for message in messages:
        if message["role"] == "user":
            yield "message", {"role": "user", "text": message["content"]}
        elif message["role"] == "assistant":
            calls = [
                {"id": call["id"], "name": call["function"]["name"], "arguments": json.loads(call["function"]["arguments"])}
                for call in message.get("tool_calls") or []
            ]
            names |= {call["id"]: call["name"] for call in calls}
            yield "message", {"role": "agent", "text": message.get("content") or "", **({"tool_calls": calls} if calls else {})}
        elif message["role"] == "tool":
            value = json.loads(message["content"])
            failed = isinstance(value, dict) and set(value) == {"error"} and isinstance(value["error"], dict)
            result = {"error": value["error"]} if failed else {"result": value}
            yield (
                "tool_result",
                {"call_id": message["tool_call_id"], "name": names[message["tool_call_id"]], "digest": "", "delta": [], **result},
            )


def _as_user(messages: Sequence[Message]) -> Iterator[tuple[str, dict[str, Any]]]:
    spoken = [message for message in messages if message["role"] in {"user", "assistant"}][1:]
    for at, message in enumerate(spoken):
        if message["role"] == "assistant":
            yield "message", {"role": "user", "text": message["content"]}
            continue
        # Of several messages in a row all but the last stood beside calls, which a user does not see.
        beside = at + 1 < len(spoken) and spoken[at + 1]["role"] == "user"
        yield "message", {"role": "agent", "text": message["content"], **({"tool_calls": [{}]} if beside else {})}
