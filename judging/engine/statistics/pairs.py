"""A judge and one person: both answered the same items. Given as counts of pairs of answers.

Source: J. Cohen, A coefficient of agreement for nominal scales (1960), and Weighted kappa (1968).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from judging.engine.statistics.agreement import Unit, gwet
from judging.engine.statistics.result import Estimate, Result, Silence
from judging.engine.statistics.weights import Weights, agreement_of, places

Pair = tuple[int, int]
Table = Mapping[Pair, int]


def table_of(pairs: Iterable[tuple[int | None, int | None]]) -> Counter[Pair]:
    """Counts of pairs; those in which somebody did not answer are left out."""
    return Counter((a, b) for a, b in pairs if a is not None and b is not None)


def kappa(table: Table, categories: Sequence[int], weights: Weights = "identity") -> Result:
    """Cohen's kappa on the scale ``categories``, given whole and in order. No interval: see ``bootstrap``.

    Where both gave the same one class throughout there is nothing beyond chance to measure: Silence. Raises ValueError for a value beyond
    the scale.
    """
    n = sum(table.values())
    if not n:
        return Silence("no_labels")
    place = places(categories)
    beyond = {value for pair in table for value in pair} - place.keys()
    if beyond:
        raise ValueError(f"{sorted(beyond)[0]} is not on the scale")
    agree = agreement_of(weights, len(categories))
    first, second = Counter[int](), Counter[int]()
    for (a, b), number in table.items():
        first[a] += number
        second[b] += number
    observed = sum(number * (1 - agree(place[a], place[b])) for (a, b), number in table.items()) / n
    expected = sum(first[a] * second[b] * (1 - agree(place[a], place[b])) for a in first for b in second) / n**2
    if not expected:
        return Silence("one_class", n)
    return Estimate(1 - observed / expected, n)


def gwet_of_pairs(table: Table, categories: Sequence[int], weights: Weights = "identity") -> Result:
    """Gwet's AC1 or AC2 of two raters: beside kappa where one class is frequent."""
    units = Counter[Unit]()
    for (a, b), number in table.items():
        units[min(a, b), max(a, b)] += number
    return gwet(units, categories, weights)


def most_frequent_share(table: Table) -> float:
    """The share of the most frequent class in all answers, 0-1; 0 without answers."""
    counts = Counter[int]()
    for (a, b), number in table.items():
        counts[a] += number
        counts[b] += number
    return max(counts.values()) / counts.total() if counts else 0.0
