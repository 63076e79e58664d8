"""Randomness that depends on names alone: the same parts give the same draws in any process and Python version."""

import hashlib
import random


def rng_for(seed: int, *parts: object) -> random.Random:
    """A generator that depends on ``seed`` and ``parts`` alone (sha256, so stable across processes and Python versions)."""
    text = ":".join([str(seed), *map(str, parts)])
    return random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
