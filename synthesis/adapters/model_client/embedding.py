"""Embeddings at an endpoint: the same tries, waits, places, limits and budgets as of any call."""

from collections.abc import Sequence

import msgspec

from synthesis.adapters.model_client.client import ModelClient
from synthesis.engine.chat.embeddings import Embedded, embedding_body, read_embeddings
from synthesis.engine.chat.model import ChatReply, ChatRequest, OnDelta

EMBEDDINGS = "/embeddings"


class EmbeddingClient(ModelClient):
    """An ``Embedder`` at one endpoint, for one event loop. It answers no questions."""

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """See ``Embedder``."""
        request = ChatRequest("embeddings", [{"content": text} for text in texts], max_tokens=0)
        reply = await self.tried(request, msgspec.json.encode(embedding_body(self.endpoint.model, texts)))
        assert reply.value is not None
        return Embedded(reply.value["vectors"], reply.usage)

    async def _read(self, request: ChatRequest, body: bytes, on_delta: OnDelta | None) -> ChatReply:
        found = read_embeddings(await self.wire.ask(body, path=EMBEDDINGS), request)
        return ChatReply("", value={"vectors": found.vectors}, usage=found.usage)
