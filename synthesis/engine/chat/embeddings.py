"""Texts as vectors: the port, what is sent, and what counts as an answer. Pure."""

import math
from array import array
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from synthesis.engine.chat.answer import Answer, document_of, failure_of, usage_of
from synthesis.engine.chat.errors import Garbled
from synthesis.engine.chat.model import ChatRequest, Usage

AT_ONCE = 32
"""Texts of one request: the answer to so many, of 4,096 numbers each, is within the bound of an answer."""
LONGEST = 8_000
"""Bytes of a text that are sent: a token has one at least, and such models usually take 8,192 tokens."""
MOST_NUMBERS = 8_192
Vector = tuple[float, ...]


class Embedded(msgspec.Struct, frozen=True):
    """Vectors in the order of the texts, each of length 1, and what they took."""

    vectors: list[Vector]
    usage: Usage


class Embedder(Protocol):
    """A model that tells what texts mean by where it puts them. Raises the errors of ``chat.errors`` and nothing else."""

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """The vectors of at most AT_ONCE texts."""


def cut(text: str) -> str:
    """As much of a text as is sent."""
    return text.encode()[:LONGEST].decode(errors="ignore")


def embedding_body(model: str, texts: Sequence[str]) -> dict[str, Any]:
    """What is sent. An empty text is refused by some endpoints, so a blank one stands for it."""
    return {"model": model, "input": [cut(text) or " " for text in texts], "encoding_format": "float"}


def read_embeddings(answer: Answer, request: ChatRequest) -> Embedded:
    """A vector for each message of ``request``, their usage without cost, time and tries. Raises a ChatError."""
    if answer.status != 200:
        raise failure_of(answer)
    document = document_of(answer)
    try:
        rows = sorted(document["data"], key=lambda row: row["index"])
        vectors = [_unit(row["embedding"]) for row in rows]
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise Garbled(f"no embeddings that can be read: {error}") from None
    count = len(request.messages)
    if len(vectors) != count or len({len(vector) for vector in vectors}) > 1:
        raise Garbled(f"{len(vectors)} embeddings, where {count} of one length were asked for")
    return Embedded(vectors, usage_of(document, request, ""))


def _unit(numbers: Sequence[float]) -> Vector:
    if not 0 < len(numbers) <= MOST_NUMBERS:
        raise ValueError(f"an embedding of {len(numbers)} numbers")
    length = math.hypot(*map(float, numbers))
    if not 0 < length < math.inf:
        raise ValueError("an embedding without a length")
    return tuple(float(number) / length for number in numbers)


def packed(vector: Sequence[float]) -> bytes:
    """As it is stored: 32 bits a number, whose byte order is the machine's."""
    return array("f", vector).tobytes()


def unpacked(text: bytes) -> Vector:
    """The vector again."""
    numbers = array("f")
    numbers.frombytes(text)
    return tuple(numbers)
