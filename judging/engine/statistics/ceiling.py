"""Is a judge as good as a person? Its kappa with people minus people's kappa with each other, with an interval by scenario.

Episodes of one scenario are alike, so scenarios are what is drawn again, not episodes (B. Efron and R. Tibshirani, An Introduction to the
Bootstrap, 1993, section 8.3 on clustered data; the interval is the percentile one).
"""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import permutations

import msgspec

from judging.engine.statistics.pairs import Pair, Table, kappa
from judging.engine.statistics.result import Estimate, Result, Silence
from judging.engine.statistics.true_rate import interval_of
from judging.engine.statistics.weights import Weights

REPLICATES = 1000
LEAST_CLUSTERS = 10
"""Fewer scenarios give no interval worth the name."""


class Cluster(msgspec.Struct, frozen=True):
    """What people and the judge said of the episodes of one scenario: one entry for each episode, the judge's answer and people's."""

    items: Sequence[tuple[int | None, Sequence[int]]]


class Ceiling(msgspec.Struct, frozen=True):
    """``judge``: kappa of judge and people; ``people``: of people with each other; ``gap``: judge minus people, with its interval."""

    judge: Result
    people: Result
    gap: Result


Half = tuple[tuple[Pair, int], ...]
Kind = tuple[Half, Half]
"""What a scenario adds to both tables. Many scenarios add the same, so that a draw is a few numbers."""


def ceiling(clusters: Sequence[Cluster], categories: Sequence[int], weights: Weights, rng: random.Random) -> Ceiling:
    """The three; people's pairs are counted both ways, since nobody of them comes first. ``rng`` decides the draws."""
    kinds = Counter(_kind(cluster) for cluster in clusters)
    judge, people = (kappa(table, categories, weights) for table in _tables(kinds))
    if isinstance(people, Estimate):
        people = msgspec.structs.replace(people, n=people.n // 2)
    if isinstance(judge, Silence) or isinstance(people, Silence):
        return Ceiling(judge, people, judge if isinstance(judge, Silence) else people)
    gap = judge.value - people.value
    if len(clusters) < LEAST_CLUSTERS:
        return Ceiling(judge, people, Estimate(gap, len(clusters)))
    gaps = sorted(_gaps(kinds, len(clusters), categories, weights, rng))
    # Draws in which one side has a single class have no gap; if that is usual, there is no interval.
    ends = interval_of(gaps) if len(gaps) > REPLICATES // 2 else (None, None)
    return Ceiling(judge, people, Estimate(gap, len(clusters), *ends))


def _kind(cluster: Cluster) -> Kind:
    judge, people = Counter[Pair](), Counter[Pair]()
    for said, answers in cluster.items:
        people.update(permutations(answers, 2))
        if said is not None:
            judge.update((said, answer) for answer in answers)
    return tuple(sorted(judge.items())), tuple(sorted(people.items()))


def _tables(kinds: Counter[Kind]) -> tuple[Table, Table]:
    tables = Counter[Pair](), Counter[Pair]()
    for halves, times in kinds.items():
        for table, half in zip(tables, halves, strict=True):
            for pair, number in half:
                table[pair] += times * number
    return tables


def _gaps(kinds: Counter[Kind], size: int, categories: Sequence[int], weights: Weights, rng: random.Random) -> list[float]:
    order = sorted(kinds)
    numbers = [kinds[kind] for kind in order]
    gaps = []
    for _ in range(REPLICATES):
        drawn = Counter(rng.choices(range(len(order)), numbers, k=size))
        first, second = _tables(Counter({order[i]: times for i, times in drawn.items()}))
        judge, people = kappa(first, categories, weights), kappa(second, categories, weights)
        if isinstance(judge, Estimate) and isinstance(people, Estimate):
            gaps.append(judge.value - people.value)
    return gaps
