"""Conversations that say the same in other words, found among those kept by the vectors of an embedding model.

In memory there stand only the signs of each kept vector (a bit for each number: 192 bytes for 1,536 numbers); vectors in which few signs
differ are compared whole, and whoever calls brings them.
"""

from collections.abc import Callable, Mapping, Sequence
from heapq import nsmallest
from math import acos, ceil, pi

from judging.engine.dedup import Twin

GATE = "semantic_duplicate"
REASON = "the same in other words"
MOST_COMPARED = 8
"""Kept vectors compared whole with one candidate at most: those in which the fewest signs differ."""
SLACK = 1.5
"""The share of signs in which two vectors differ is their angle's share of a half turn where numbers scatter evenly, which they do not."""

Vector = Sequence[float]


def similarity(one: Vector, other: Vector) -> float:
    """The cosine of two vectors of length 1."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def signs_of(vector: Vector) -> int:
    """A bit for each number: whether it is above 0."""
    return int("".join("1" if number > 0 else "0" for number in vector), 2)


class Nearness:
    """Finds a kept twin of a candidate whose vectors are at least ``least`` alike (cosine). Candidates come best first.

    ``vectors`` gives those of texts by their exact digests; a candidate without one is nobody's twin.
    """

    def __init__(self, least: float, vectors: Callable[[Sequence[str]], Mapping[str, Vector]]) -> None:
        self.least, self.vectors = least, vectors
        self.kept: list[tuple[int, int, str]] = []
        self.ahead: dict[str, Vector] = {}

    def prepare(self, digests: Sequence[str]) -> None:
        """Bring the vectors of the candidates that come next, at once."""
        self.ahead = dict(self.vectors(digests))

    def twin(self, exact: str) -> Twin | None:
        """The twin of the candidate with this digest among those kept."""
        mine = self.ahead.get(exact)
        if mine is None or not self.kept:
            return None
        signs, most = signs_of(mine), self._most(len(mine))
        apart = [((signs ^ theirs).bit_count(), index, digest) for theirs, index, digest in self.kept]
        nearest = nsmallest(MOST_COMPARED, (found for found in apart if found[0] <= most))
        whole = self.vectors([digest for _apart, _index, digest in nearest]) if nearest else {}
        alike = [(similarity(mine, whole[digest]), -index) for _apart, index, digest in nearest if digest in whole]
        best = max(alike, default=(0.0, 0))
        return Twin(GATE, REASON, -best[1]) if best[0] >= self.least else None

    def keep(self, index: int, exact: str) -> None:
        """Remember a candidate that is kept."""
        if (mine := self.ahead.get(exact)) is not None:
            self.kept.append((signs_of(mine), index, exact))

    def _most(self, numbers: int) -> int:
        """In how many signs vectors that are alike enough may differ."""
        return ceil(numbers * SLACK * acos(min(1.0, self.least)) / pi) + ceil(numbers / 64)
