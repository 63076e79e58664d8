"""The fake author as a model behind the port, without a server."""

from collections.abc import Callable
from typing import Any

import msgspec

from synthesis.engine.chat.answer import read_completion
from synthesis.engine.chat.body import body_of
from synthesis.engine.chat.errors import Unusable
from synthesis.engine.chat.model import ChatReply, ChatRequest, OnDelta
from synthesis.engine.chat.prices import Price
from synthesis.engine.chat.profiles import PROFILES
from tests.fakes.author.answers import author_says
from tests.fakes.model_server.server import completion_of


class Voice:
    """A model that says what the fake author would, through the same door as every answer."""

    def __init__(
        self, model: str = "fake", says: Callable[[dict[str, Any]], dict[str, Any]] = author_says, price: Price | None = None
    ) -> None:
        self.model, self.says, self.price, self.asked = model, says, price or Price(), list[ChatRequest]()

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        self.asked.append(request)
        body = body_of(request, self.model, PROFILES["openai"], {}, stream=False)
        try:
            reply = read_completion(completion_of(body, self.says(body), 1), request, PROFILES["openai"])
        except Unusable as error:
            error.usage = msgspec.structs.replace(error.usage, cost=self.price.of(error.usage))
            raise
        return msgspec.structs.replace(reply, usage=msgspec.structs.replace(reply.usage, cost=self.price.of(reply.usage)))
