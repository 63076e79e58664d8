"""Language models for one event loop: clients at the stored endpoints, behind the limits that all workers share, with their usage counted.

::

    async with DatabaseThread("judge") as database, ModelRoom(database, run_id=None) as room:
        reply = await room.model("kimi", "judge", episode=12).reply(request)
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from types import TracebackType
from typing import ClassVar, TypeVar

import msgspec
from django.db import DatabaseError
from django.utils import timezone

from studio.pipelines.keys import reach, vault
from synthesis.adapters.model_client import EmbeddingClient, Endpoint, ModelClient
from synthesis.adapters.vault import Vault, VaultError
from synthesis.engine.chat.embeddings import Embedded
from synthesis.engine.chat.errors import ChatError, GaveUp, Parked, Stopped, Unusable, taken_of
from synthesis.engine.chat.model import ChatModel, ChatReply, ChatRequest, OnDelta, Role, Usage
from synthesis.engine.chat.prices import Price
from synthesis.engine.chat.waiting import Patience
from synthesis.models import ModelEndpoint
from synthesis.selectors import endpoints
from synthesis.services.database import DatabaseThread
from synthesis.services.gate import DatabaseGate
from synthesis.services.usage import Place, Tally, usage_add

logger = logging.getLogger(__name__)

FLUSH = 3.0
"""Seconds between two writes of what was used."""
LAST_TRIES = 5
"""Tries of the last write, a second apart: after it there is nobody left who knows."""


Client = TypeVar("Client", bound=ModelClient)


class NoEndpoint(Stopped):
    """There is no such endpoint, it is switched off, or its key cannot be read: a person has to act first."""

    kind: ClassVar[str] = "no_endpoint"

    def __init__(self, slug: str, text: str) -> None:
        super().__init__(text)
        self.endpoint = slug


class ModelRoom:
    """An asynchronous context manager over the endpoints as they are when it is entered. ``run_id`` None: outside of runs, without a
    budget. ``patience`` is how long a call is tried again.
    """

    def __init__(self, database: DatabaseThread, run_id: int | None, patience: Patience | None = None) -> None:
        self.database, self.run_id, self.patience = database, run_id, patience
        self.rows: dict[str, ModelEndpoint] = {}
        self.clients: dict[str, ModelClient] = {}
        self.embedders: dict[str, EmbeddingClient] = {}
        self.tally = Tally()
        self.storing = asyncio.Lock()
        self.vault: Vault | None = None

    async def __aenter__(self) -> "ModelRoom":
        self.rows = {row.slug: row for row in await self.database.run(endpoints.endpoints, active=True)}
        self.flushing = asyncio.create_task(self._flush_often())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.flushing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.flushing
        for client in (*self.clients.values(), *self.embedders.values()):
            await client.close()
        for _ in range(LAST_TRIES):
            if await self.flush():
                return
            await asyncio.sleep(1)
        logger.error("usage that could not be stored: %s", self.tally.sums)

    def model(self, slug: str, role: Role, episode: int = 0) -> ChatModel:
        """The model at endpoint ``slug``, counted for ``role``. Raises NoEndpoint."""
        try:
            client = self._client(slug)
        except NoEndpoint as error:
            error.party = role
            raise
        return CountedModel(client, self.tally, self.rows[slug], self.run_id, role, episode)

    def embedder(self, slug: str) -> "CountedEmbedder":
        """What tells how alike texts are, at endpoint ``slug``. Raises NoEndpoint."""
        if slug not in self.embedders:
            self.embedders[slug] = self._made(slug, EmbeddingClient)
        return CountedEmbedder(self.embedders[slug], self.tally, self.rows[slug], self.run_id)

    def _client(self, slug: str) -> ModelClient:
        if slug not in self.clients:
            self.clients[slug] = self._made(slug, ModelClient)
        return self.clients[slug]

    def _made(self, slug: str, kind: type[Client]) -> Client:
        row = self.rows.get(slug)
        if row is None:
            raise NoEndpoint(slug, f"there is no active endpoint called {slug!r}")
        endpoint = endpoint_of(row, self._key(row))
        return kind(endpoint, DatabaseGate(row, self.run_id, self.database), self.patience)

    def _key(self, row: ModelEndpoint) -> str:
        if not row.key:
            return ""
        try:
            self.vault = self.vault or vault()
            return self.vault.unlock(row.key)
        except VaultError as error:
            raise NoEndpoint(row.slug, f"the key of endpoint {row.slug!r} cannot be read: {error}") from None

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(FLUSH)
            await asyncio.shield(self.flush())

    async def flush(self) -> bool:
        """Store what was used since the last time; False when it could not be, and is kept for the next."""
        async with self.storing:
            sums = self.tally.take()
            if not sums:
                return True
            try:
                await self.database.run(usage_add, sums=sums)
            except DatabaseError as error:
                logger.warning("usage is kept for later: %s", error)
                self.tally.put_back(sums)
                return False
            return True


def endpoint_of(row: ModelEndpoint, key: str) -> Endpoint:
    """A stored endpoint as the client needs it, with its key in clear."""
    return Endpoint(
        name=row.slug,
        base_url=row.base_url,
        model=row.model,
        key=key,
        provider=row.provider,
        parameters=row.parameters,
        price=Price(row.price_prompt, row.price_completion, row.price_cached),
        concurrency=row.concurrency,
        try_seconds=row.try_seconds,
        reach=reach(),
    )


class CountedModel:
    """A ``ChatModel`` whose calls are counted, those too that bring no answer or are called off."""

    def __init__(self, model: ChatModel, tally: Tally, endpoint: ModelEndpoint, run_id: int | None, role: Role, episode: int) -> None:
        self.model, self.tally = model, tally
        self.endpoint_id, self.slug, self.run_id, self.role, self.episode = endpoint.pk, endpoint.slug, run_id, role, episode

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        """See ``ChatModel``."""
        try:
            reply = await self.model.reply(msgspec.structs.replace(request, episode=self.episode), on_delta)
        except Unusable as error:
            error.party, error.endpoint = self.role, self.slug
            self._count(error.usage)
            raise
        except ChatError as error:
            error.party, error.endpoint = self.role, self.slug
            if not isinstance(error, Parked) or error.cause is not None:
                self._count(None, error.attempts if isinstance(error, GaveUp) else 1)
            raise
        except asyncio.CancelledError as called_off:
            if usage := taken_of(called_off):
                self._count(usage, called_off=True)
            raise
        self._count(reply.usage)
        return reply

    def _count(self, usage: Usage | None, tries: int = 1, *, called_off: bool = False) -> None:
        self.tally.add(Place(self.endpoint_id, self.run_id, self.role, timezone.now().date()), usage, tries, called_off=called_off)


class CountedEmbedder:
    """An ``Embedder`` whose calls are counted, those too that bring no answer or are called off."""

    def __init__(self, client: EmbeddingClient, tally: Tally, endpoint: ModelEndpoint, run_id: int | None) -> None:
        self.client, self.tally, self.endpoint, self.run_id = client, tally, endpoint, run_id

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """See ``Embedder``."""
        place = Place(self.endpoint.pk, self.run_id, "embeddings", timezone.now().date())
        try:
            embedded = await self.client.embed(texts)
        except ChatError as error:
            error.party, error.endpoint = "embeddings", self.endpoint.slug
            if not isinstance(error, Parked) or error.cause is not None:
                self.tally.add(place, None, error.attempts if isinstance(error, GaveUp) else 1)
            raise
        except asyncio.CancelledError as called_off:
            if usage := taken_of(called_off):
                self.tally.add(place, usage, called_off=True)
            raise
        self.tally.add(place, embedded.usage)
        return embedded
