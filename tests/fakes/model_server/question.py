"""A request as the voices see it: what is asked, of which role, about which episode, and how the model is to behave."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from synthesis.engine.participants.prompts import STOP

Message = dict[str, Any]
NOT_THE_USER = "[This message is not from the user]"
"""How a seat begins the message that shows a model what was wrong with its answer."""
AGAIN = re.compile(r"Answer again, with the whole object\.$")
ROLES = frozenset({"agent", "user", "tool", "judge", "author"})


class Question(NamedTuple):
    """``episode`` is 0 where nobody said which, and below 0 the key of a damaged play; ``ways`` are the options in the model's name over
    those of the command line.
    """

    body: dict[str, Any]
    role: str
    episode: int
    ways: Mapping[str, str]

    @property
    def messages(self) -> list[Message]:
        """The conversation so far."""
        return list(self.body.get("messages") or [])

    @property
    def schema(self) -> dict[str, Any] | None:
        """The JSON Schema that the answer must fit, if one was given; any object where only an object was asked for."""
        form = self.body.get("response_format") or {}
        if form.get("type") == "json_schema":
            return dict(form["json_schema"].get("schema") or {})
        return {"type": "object"} if form.get("type") == "json_object" else None

    def number(self, way: str, otherwise: float = 0.0) -> float:
        """An option as a number."""
        try:
            return float(self.ways.get(way) or otherwise)
        except ValueError:
            return otherwise


def ways_of(model: str, defaults: Mapping[str, str] | None = None) -> dict[str, str]:
    """The options in a model's name: ``fake:latency=200,fault=html`` over ``defaults``. One without a value is "1"."""
    named = (part.partition("=") for part in model.partition(":")[2].split(",") if part.strip())
    return {**(defaults or {}), **{name.strip(): value if equals else "1" for name, equals, value in named}}


def question_of(body: dict[str, Any], headers: Mapping[str, str], defaults: Mapping[str, str] | None = None) -> Question:
    """The question in a request. Header names are lower case."""
    role, episode = headers.get("x-studio-role", ""), headers.get("x-studio-episode", "")
    known = int(episode) if episode.removeprefix("-").isdigit() else 0
    return Question(body, role if role in ROLES else guessed(body), known, ways_of(str(body.get("model", "")), defaults))


def guessed(body: Mapping[str, Any]) -> str:
    """The role that a request seems to be for, by its form alone."""
    if body.get("tools"):
        return "agent"
    said = " ".join(str(message.get("content") or "") for message in body.get("messages") or [])
    if STOP in said:
        return "user"
    form = str(body.get("response_format") or "")
    if "'tool_answer'" in form:
        return "tool"
    if form:
        return "judge" if '"quote"' in form or "'quote'" in form else "author"
    return "agent"


def own_turns(messages: list[Message]) -> list[Message]:
    """The conversation without what was said about answers that could not be used, and without those answers."""
    kept: list[Message] = []
    for message in messages:
        if message["role"] == "user" and str(message.get("content") or "").startswith(NOT_THE_USER):
            if kept and kept[-1]["role"] == "assistant":
                kept.pop()
            continue
        kept.append(message)
    return kept
