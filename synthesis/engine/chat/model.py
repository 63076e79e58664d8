"""The port behind which every language model stands, and what passes through it.

Messages and tools have the shape of OpenAI's chat completions, whoever serves them. Money is in millionths of the endpoint's currency
(integers, so that budgets add up exactly); times are in seconds.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, Protocol

import msgspec

from synthesis.engine.tools import ToolCall

Role = Literal["agent", "user", "tool", "judge", "author", "embeddings"]
"""Whom the model plays, or that it tells how alike texts are; calls, tokens and cost are counted by it."""


class ReplySchema(msgspec.Struct, frozen=True):
    """The answer must be a JSON object that fits ``schema`` (JSON Schema 2020-12); ``name`` is what the endpoint is told it is called."""

    name: str
    schema: dict[str, Any]


class ChatRequest(msgspec.Struct, frozen=True):
    """One question. ``tools`` are function tools, ``{type: "function", function: {name, description, parameters}}``.

    ``max_tokens`` bounds the answer; ``temperature`` None leaves it to the endpoint's own parameters. ``prompt`` is the digest of the
    prompt the messages were made from, for the log; ``episode`` the key of the episode it is about, 0 for none: the fake provider is told.
    """

    role: Role
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]] = []
    parallel: bool = True
    answer: ReplySchema | None = None
    max_tokens: int = 2048
    temperature: float | None = None
    prompt: str = ""
    episode: int = 0


class Usage(msgspec.Struct, frozen=True):
    """What one answer took. ``model`` is the name the endpoint returned; ``estimated`` when it did not count tokens itself.

    ``attempts`` counts every try; the rest is of the one that was answered, since nobody bills for the others.
    """

    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    cost: int = 0
    seconds: float = 0.0
    attempts: int = 1
    estimated: bool = False

    def plus(self, other: "Usage") -> "Usage":
        """Both together; the model is the later one's."""
        return Usage(
            other.model or self.model,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cached_tokens + other.cached_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.cost + other.cost,
            round(self.seconds + other.seconds, 4),
            self.attempts + other.attempts,
            self.estimated or other.estimated,
        )


class ChatReply(msgspec.Struct, frozen=True):
    """An accepted answer: text, calls, or both. ``value`` is the object where the request asked for one.

    ``reasoning`` is what the endpoint returned apart from the text; it never enters ``text``.
    """

    text: str
    calls: list[ToolCall] = []
    reasoning: str | None = None
    value: dict[str, Any] | None = None
    finish: str = "stop"
    usage: Usage = Usage()


OnDelta = Callable[[str], Awaitable[None]]
"""Told each piece of text as it arrives; an empty one says that a try has failed and the text begins anew. Pieces are ephemeral: only the
reply that is returned counts."""


class ChatModel(Protocol):
    """A language model. Raises the errors of ``chat.errors`` and nothing else."""

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        """Answer ``request``."""
