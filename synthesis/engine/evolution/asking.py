"""One structured call of an author: the question made from a prompt, the answer read, two re-asks that name what is wrong."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from synthesis.engine.chat.body import tokens_guess
from synthesis.engine.chat.errors import ChatError, Unusable
from synthesis.engine.chat.model import ChatModel, ChatReply, ChatRequest, OnDelta, ReplySchema, Usage
from synthesis.engine.chat.prices import Price
from synthesis.engine.participants.prompts import Prompt

TRIES = 3
"""One question and two re-asks."""
LONGEST = 12_000
"""Tokens of one answer at most; steps are cut so that good answers are far shorter."""
_HOLE = re.compile(r"\{([a-z_]+)\}")
T = TypeVar("T")


class Wrong(ValueError):
    """An answer that fits the schema and still cannot be used. The text is a sentence for the model."""


class NoAnswer(Exception):
    """The model gave no usable answer in TRIES tries. ``usage`` is what they took all the same; the text says what was wrong last."""

    def __init__(self, problem: str, usage: Usage) -> None:
        super().__init__(f"no usable answer in {TRIES} tries: {problem}")
        self.usage = usage


class Answered(msgspec.Struct, Generic[T], frozen=True):
    """What was read from an answer, what it took with its re-asks, how many of those there were, and the digest of the prompt."""

    value: T
    usage: Usage
    reasks: int
    prompt: str


class Author(msgspec.Struct, frozen=True):
    """A model with its prompts, by the names ``author_*``."""

    model: ChatModel
    prompts: Mapping[str, Prompt]

    async def ask(self, name: str, values: Mapping[str, str], schema: dict[str, Any], read: Callable[[dict[str, Any]], T]) -> Answered[T]:
        """Ask what prompt ``name`` asks with its holes filled by ``values``; ``read`` makes something of the answer or raises Wrong.

        Raises NoAnswer; ChatErrors of the endpoint pass through, since another try later may succeed.
        """
        prompt = self.prompts[name]
        messages: list[dict[str, Any]] = [
            {"role": "system", "content": self.prompts["author"].text.strip()},
            {"role": "user", "content": filled(prompt.text, values)},
        ]
        request = ChatRequest("author", messages, answer=ReplySchema(name, schema), max_tokens=LONGEST, prompt=prompt.digest)
        usage, problem = Usage(attempts=0), ""
        for reasks in range(TRIES):
            try:
                reply = await self.model.reply(request)
            except Unusable as unusable:
                usage, problem, said = usage.plus(unusable.usage), unusable.problem, unusable.said
            else:
                usage, said = usage.plus(reply.usage), reply.text
                assert reply.value is not None
                try:
                    return Answered(read(reply.value), usage, reasks, prompt.digest)
                except Wrong as wrong:
                    problem = str(wrong)
            turn = [{"role": "assistant", "content": said}] if said else []
            again = {"role": "user", "content": f"{problem} Answer again, with the whole object."}
            request = msgspec.structs.replace(request, messages=[*request.messages, *turn, again])
        raise NoAnswer(problem, usage)


def filled(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its holes filled in one pass: what is put in may hold braces of its own, as wordings of packs do."""
    return _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), text).strip()


class Purse(Protocol):
    """What an evolution may spend, in millionths; shared by whoever works on it."""

    async def set_aside(self, most: int) -> None:
        """Set ``most`` aside for one call. Raises NoQuota when there is no room for it."""

    async def settle(self, most: int, spent: int) -> None:
        """Give back ``most``, which was set aside for a call, and count what that spent."""


class Capped:
    """A ChatModel that asks only while the purse holds what the answer may cost at most, so that a cap is never passed."""

    def __init__(self, model: ChatModel, price: Price, purse: Purse) -> None:
        self.model, self.price, self.purse = model, price, purse

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        """See ``ChatModel``. Raises NoQuota too."""
        asked = tokens_guess(msgspec.json.encode({"messages": request.messages, "answer": request.answer.schema if request.answer else {}}))
        most = self.price.of(Usage(prompt_tokens=asked, completion_tokens=request.max_tokens))
        await self.purse.set_aside(most)
        # Of a call that is called off nobody knows whether it was answered and billed.
        spent = most
        try:
            reply = await self.model.reply(request, on_delta)
            spent = reply.usage.cost
        except Unusable as unusable:
            spent = unusable.usage.cost
            raise
        except ChatError:
            spent = 0
            raise
        finally:
            await self.purse.settle(most, spent)
        return reply
