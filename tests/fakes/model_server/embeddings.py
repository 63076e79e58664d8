"""Embeddings without a model: texts that share letter groups lie close to each other. Deterministic."""

import hashlib
import math
from collections import Counter
from typing import Any

SIZE = 256
GRAMS = (3, 4, 5)


def vector_of(text: str, size: int = SIZE) -> list[float]:
    """A unit vector of hashed letter groups, signed so that chance meetings cancel out."""
    padded = f"  {' '.join(text.lower().split())}  "
    grams = Counter(padded[start : start + width] for width in GRAMS for start in range(len(padded) - width + 1))
    values = [0.0] * size
    for gram, count in grams.items():
        number = int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=8).digest(), "big")
        values[number % size] += (1 if number >> 63 else -1) * math.log1p(count)
    length = math.sqrt(sum(value * value for value in values)) or 1.0
    return [round(value / length, 7) for value in values]


def embeddings_of(body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request for embeddings."""
    given = body.get("input")
    texts = [given] if isinstance(given, str) else [str(text) for text in given or []]
    size = int(body.get("dimensions") or SIZE)
    tokens = sum(len(text) // 4 + 1 for text in texts)
    data = [{"object": "embedding", "index": index, "embedding": vector_of(text, size)} for index, text in enumerate(texts)]
    return {"object": "list", "model": "fake", "data": data, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}
