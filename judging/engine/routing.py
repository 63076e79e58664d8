"""Which episodes of a run go to people: all fails up to a limit and a random share of passes, with the probability of each.

A run is looked at in blocks of neighbouring indexes, each once it is over: so the choice depends on seeds and digests and not on which
episode ended first, and the probability is exact.
"""

import hashlib
from collections.abc import Sequence
from math import ceil

import msgspec

QUOTA = 20
"""Most items that one block sends."""
RANDOM_SHARE = 0.15
"""Least share of passes among the items of a block, as long as there are passes: without them nobody would see what judges let through."""


class Shares(msgspec.Struct, frozen=True):
    """What a queue wants: shares of fails and of passes (0-1), and the most items that one run sends."""

    fails: float
    passes: float
    most: int


class Played(msgspec.Struct, frozen=True):
    """A judged episode. ``key`` names it for the draw: the same key in the same queue is drawn alike."""

    episode: int
    failed: bool
    key: str


class Chosen(msgspec.Struct, frozen=True):
    """An episode for people. ``stratum`` is fail or pass; ``lot`` is random, 0 to 99, and says who comes first."""

    episode: int
    stratum: str
    probability: float
    lot: int


def block_size(episodes: int, most: int) -> int:
    """How many neighbouring episodes are looked at together in a run of ``episodes``."""
    return max(QUOTA, ceil(QUOTA * episodes / max(1, most)))


def choose(played: Sequence[Played], shares: Shares, salt: str) -> list[Chosen]:
    """What a block sends, at most QUOTA and at most ``shares.most``. ``salt`` is the queue's own."""
    fails = _drawn([item for item in played if item.failed], salt)
    passes = _drawn([item for item in played if not item.failed], salt)
    failed, passed = _numbers(len(fails), len(passes), shares)
    return [*_sent(fails, failed, "fail"), *_sent(passes, passed, "pass")]


def _numbers(fails: int, passes: int, shares: Shares) -> tuple[int, int]:
    """How many of so many fails and passes of a block are sent."""
    quota = min(QUOTA, shares.most)
    floor = min(ceil(RANDOM_SHARE * quota), passes)
    failed = min(ceil(shares.fails * fails), max(0, quota - floor))
    # A block that is short (a small run, the end of a large one) sends one pass at least: people shall see something of every run.
    least = 1 if shares.passes and fails + passes < QUOTA else 0
    wanted = max(round(shares.passes * passes), ceil(failed * RANDOM_SHARE / (1 - RANDOM_SHARE)), least)
    return failed, min(wanted, passes, quota - failed)


def expected(episodes: int, fail_rate: float, shares: Shares) -> int:
    """About how many items a run of ``episodes`` sends."""
    size = min(block_size(episodes, shares.most), episodes)
    fails = round(fail_rate * size)
    return round(episodes / size * sum(_numbers(fails, size - fails, shares)))


def _drawn(items: Sequence[Played], salt: str) -> list[tuple[str, Played]]:
    lots = [(hashlib.sha256(f"{salt}|{item.key}".encode()).hexdigest(), item) for item in items]
    return sorted(lots, key=lambda pair: pair[0])


def _sent(drawn: Sequence[tuple[str, Played]], number: int, stratum: str) -> list[Chosen]:
    # The end of the draw, since its beginning decided who was chosen.
    return [Chosen(item.episode, stratum, number / len(drawn), int(lot[-8:], 16) % 100) for lot, item in drawn[:number]]
