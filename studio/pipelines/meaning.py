"""What texts mean, as vectors of an endpoint: asked once for each text, and remembered."""

import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from itertools import islice

import msgspec

from studio.pipelines.model_room import ModelRoom
from synthesis.engine.chat.body import tokens_guess
from synthesis.engine.chat.embeddings import AT_ONCE, Vector, cut
from synthesis.engine.chat.errors import ChatError
from synthesis.engine.chat.model import Usage
from synthesis.engine.chat.prices import Price
from synthesis.engine.evolution.asking import Purse
from synthesis.models import ModelEndpoint
from synthesis.selectors import vectors
from synthesis.services.database import DatabaseThread
from synthesis.services.vectors import vectors_keep


def digest_of(text: str) -> str:
    """The name of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


class Meaning:
    """The vectors of one endpoint, paid out of ``purse`` where there is one."""

    def __init__(self, row: ModelEndpoint, room: ModelRoom, database: DatabaseThread, purse: Purse | None = None) -> None:
        self.row, self.room, self.database, self.purse = row, room, database, purse
        self.price = Price(row.price_prompt, row.price_completion, row.price_cached)

    async def vectors(self, texts: Sequence[str]) -> Mapping[str, Vector]:
        """The vector of each text, by the text; those that nobody has asked for before are asked for. Raises ChatErrors; what came before
        them is remembered."""
        digests = {digest_of(text): text for text in texts}
        known = dict(await self.database.run(vectors.vectors_known, self.row, list(digests)))
        async for fresh in self.asked({digest: text for digest, text in digests.items() if digest not in known}):
            known |= fresh
        return {text: known[digest] for digest, text in digests.items()}

    async def asked(self, texts: Mapping[str, str]) -> AsyncIterator[Mapping[str, Vector]]:
        """Ask for the vectors of texts by their digests, a few at a time, and remember them. Raises ChatErrors."""
        for part in _parts(list(texts)):
            fresh = dict(zip(part, await self._asked([texts[digest] for digest in part]), strict=True))
            await self.database.run(vectors_keep, endpoint=self.row, vectors=fresh)
            yield fresh

    async def _asked(self, texts: Sequence[str]) -> Sequence[Vector]:
        embedder = self.room.embedder(self.row.slug)
        most = self.price.of(Usage(prompt_tokens=tokens_guess(msgspec.json.encode([cut(text) for text in texts]))))
        if self.purse is None:
            return (await embedder.embed(texts)).vectors
        await self.purse.set_aside(most)
        # As with any call: one that the endpoint does not answer nobody bills, of one that ends otherwise nobody knows.
        spent = most
        try:
            embedded = await embedder.embed(texts)
            spent = embedded.usage.cost
        except ChatError:
            spent = 0
            raise
        finally:
            await self.purse.settle(most, spent)
        return embedded.vectors


def _parts(digests: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(digests)
    while part := list(islice(rest, AT_ONCE)):
        yield part
