"""Which episodes of a run go to people, with the probability of each.

An episode stands in one stratum: judges disagree; it failed; it passed with a low score; its release is new to the queue; or it is one of
all other passes. Each rule sends a share of its stratum up to a limit; a random share of those other passes is always among what is sent. A
rule whose share is 0 is off, and what it would have looked for stays where it else belongs.

A run is looked at in blocks of neighbouring indexes, each once it is over: so the choice depends on seeds and digests and not on which
episode ended first, and the probability is exact.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Literal

import msgspec

Stratum = Literal["disagree", "fail", "unsure", "release", "pass"]
RULES: tuple[Stratum, ...] = ("disagree", "fail", "unsure", "release")
"""Strata of rules, in the order in which they are asked and served."""
QUOTA = 20
"""Most items that one block sends."""
RANDOM_SHARE = 0.15
"""Least share of other passes among the items of a block, as long as there are any: or nobody would see what judges let through."""


class Shares(msgspec.Struct, frozen=True):
    """What a queue wants: shares (0-1) of fails, of other passes, of each rule's stratum; the most items that one run sends; and the least
    share of other passes in what is sent, ``RANDOM_SHARE`` to 1.
    """

    fails: float
    passes: float
    most: int
    disagree: float = 0.0
    unsure: float = 0.0
    release: float = 0.0
    random: float = RANDOM_SHARE

    def of(self, stratum: Stratum) -> float:
        """The share of a stratum."""
        return {"fail": self.fails, "pass": self.passes, "disagree": self.disagree, "unsure": self.unsure, "release": self.release}[stratum]


class Played(msgspec.Struct, frozen=True):
    """A judged episode. ``key`` names it for the draw: the same key in the same queue is drawn alike.

    ``disagree``: judges differ about it; ``unsure``: a low score; ``release``: of a release that is new to the queue.
    """

    episode: int
    failed: bool
    key: str
    disagree: bool = False
    unsure: bool = False
    release: bool = False


class Chosen(msgspec.Struct, frozen=True):
    """An episode for people. ``lot`` is random, 0 to 99, and says who comes first."""

    episode: int
    stratum: str
    probability: float
    lot: int


def block_size(episodes: int, most: int) -> int:
    """How many neighbouring episodes are looked at together in a run of ``episodes``."""
    return max(QUOTA, ceil(QUOTA * episodes / max(1, most)))


def stratum_of(item: Played, shares: Shares) -> Stratum:
    """Where an episode stands."""
    if item.disagree and shares.disagree:
        return "disagree"
    if item.failed:
        return "fail"
    if item.unsure and shares.unsure:
        return "unsure"
    return "release" if item.release and shares.release else "pass"


def at_odds(words: Iterable[tuple[int, str, bool]]) -> set[int]:
    """Episodes about which judges of two kinds differ. ``words`` are (episode, kind of judge, failed), older ones first: of a kind the
    newest counts.
    """
    said: dict[int, dict[str, bool]] = {}
    for episode, kind, failed in words:
        said.setdefault(episode, {})[kind] = failed
    return {episode for episode, by_kind in said.items() if len(set(by_kind.values())) > 1}


def choose(played: Sequence[Played], shares: Shares, salt: str) -> list[Chosen]:
    """What a block sends, at most QUOTA and at most ``shares.most``. ``salt`` is the queue's own."""
    strata: dict[Stratum, list[Played]] = {}
    for item in played:
        strata.setdefault(stratum_of(item, shares), []).append(item)
    numbers = _numbers({stratum: len(items) for stratum, items in strata.items()}, shares)
    return [choice for stratum, number in numbers.items() for choice in _sent(_drawn(strata.get(stratum, []), salt), number, stratum)]


def _numbers(sizes: Mapping[Stratum, int], shares: Shares) -> dict[Stratum, int]:
    """How many of each stratum of a block are sent."""
    quota, passes = min(QUOTA, shares.most), sizes.get("pass", 0)
    left = max(0, quota - min(ceil(shares.random * quota), passes))
    sent: dict[Stratum, int] = {}
    for rule in RULES:
        sent[rule] = min(ceil(shares.of(rule) * sizes.get(rule, 0)), left)
        left -= sent[rule]
    others = sum(sent.values())
    # A block that is short (a small run, the end of a large one) sends one pass at least: people shall see something of every run.
    least = 1 if shares.passes and sum(sizes.values()) < QUOTA else 0
    beside = ceil(others * shares.random / (1 - shares.random)) if others and shares.random < 1 else 0
    sent["pass"] = min(max(round(shares.passes * passes), beside, least), passes, quota - others)
    return sent


def expected(episodes: int, rates: Mapping[Stratum, float], shares: Shares) -> dict[Stratum, int]:
    """About how many items a run of ``episodes`` sends, by stratum. ``rates`` are the shares of episodes in each rule's stratum (0-1)."""
    size = min(block_size(episodes, shares.most), episodes)
    sizes: dict[Stratum, int] = {}
    for rule in RULES:
        on = rule == "fail" or shares.of(rule) > 0
        sizes[rule] = min(round(rates.get(rule, 0) * size), size - sum(sizes.values())) if on else 0
    sizes["pass"] = size - sum(sizes.values())
    return {stratum: round(episodes / size * number) for stratum, number in _numbers(sizes, shares).items()}


def _drawn(items: Sequence[Played], salt: str) -> list[tuple[str, Played]]:
    lots = [(hashlib.sha256(f"{salt}|{item.key}".encode()).hexdigest(), item) for item in items]
    return sorted(lots, key=lambda pair: pair[0])


def _sent(drawn: Sequence[tuple[str, Played]], number: int, stratum: str) -> list[Chosen]:
    # The end of the draw, since its beginning decided who was chosen.
    return [Chosen(item.episode, stratum, number / len(drawn), int(lot[-8:], 16) % 100) for lot, item in drawn[:number]]
