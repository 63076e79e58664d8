"""Do people agree? Any number of raters, any of whom may have left an item out.

Items are given as *units*: the values that an item was given, in any order, to the number of items that were given just these. Two
thousand items on a scale of six are a few dozen different units, which is what makes this fast.

Sources: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011); K. L. Gwet, Computing inter-rater reliability and its variance
in the presence of high agreement (2008) and Handbook of Inter-Rater Reliability (2014), chapters 2-5, for missing values and weights.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Literal

from judging.engine.statistics.result import Estimate, Result, Silence
from judging.engine.statistics.weights import Agreement, Weights, agreement_of, places

Unit = tuple[int, ...]
Units = Mapping[Unit, int]
Level = Literal["nominal", "ordinal"]


def units_of(items: Iterable[Sequence[int | None]]) -> Counter[Unit]:
    """Units of items given one by one; None is a rater who did not answer."""
    return Counter(tuple(sorted(value for value in item if value is not None)) for item in items)


def pairs_in(units: Units) -> int:
    """How many pairs of answers to one item there are."""
    return sum(number * len(unit) * (len(unit) - 1) // 2 for unit, number in units.items())


def items_in(units: Units) -> int:
    """How many items at least two people answered."""
    return sum(number for unit, number in units.items() if len(unit) > 1)


def alpha(units: Units, level: Level) -> Result:
    """Krippendorff's alpha; ``n`` counts the items that two or more answered. 1 is perfect agreement, 0 is chance.

    No interval. One class in all answers is no agreement beyond chance and no disagreement either: Silence.
    """
    n = items_in(units)
    if not n:
        return Silence("no_pairs" if units else "no_labels", 0)
    coincidences, margins = _coincidences(units)
    if len(margins) < 2:
        return Silence("one_class", n)
    distance = _distances(margins, level)
    total = sum(margins.values())
    observed = sum(number * distance[pair] for pair, number in coincidences.items())
    expected = sum(margins[a] * margins[b] * distance[a, b] for a in margins for b in margins) / (total - 1)
    return Estimate(1 - observed / expected, n)


def _coincidences(units: Units) -> tuple[dict[tuple[int, int], float], dict[int, float]]:
    """How often two values stand side by side at an item (each item counts as much as it has answers), and the sums of its rows."""
    found: dict[tuple[int, int], float] = {}
    for unit, number in units.items():
        counts = Counter(unit)
        for a in counts:
            for b in counts:
                pairs = counts[a] * (counts[b] - (a == b))
                if pairs:
                    found[a, b] = found.get((a, b), 0.0) + number * pairs / (len(unit) - 1)
    margins: dict[int, float] = {}
    for (a, _), number_of in found.items():
        margins[a] = margins.get(a, 0.0) + number_of
    return found, margins


def _distances(margins: Mapping[int, float], level: Level) -> dict[tuple[int, int], float]:
    if level == "nominal":
        return {(a, b): float(a != b) for a in margins for b in margins}
    # Ordinal: how many answers lie between two values, each of them counted by half.
    order = sorted(margins)
    upto = dict(zip(order, accumulate(margins[value] for value in order), strict=True))
    middle = {value: upto[value] - margins[value] / 2 for value in order}
    return {(a, b): (middle[a] - middle[b]) ** 2 for a in order for b in order}


def raw_share(units: Units) -> Result:
    """The share of pairs of answers that are the same, each item counting alike; ``n`` counts items with two answers or more."""
    return _observed(units, lambda a, b: float(a == b))


def _observed(units: Units, agree: Agreement) -> Result:
    n = items_in(units)
    if not n:
        return Silence("no_pairs" if units else "no_labels", 0)
    return Estimate(sum(number * _of_unit(unit, agree) for unit, number in units.items() if len(unit) > 1) / n, n)


def _of_unit(unit: Unit, agree: Agreement) -> float:
    counts = Counter(unit)
    pairs = sum(counts[a] * (counts[b] - (a == b)) * agree(a, b) for a in counts for b in counts)
    return pairs / (len(unit) * (len(unit) - 1))


def gwet(units: Units, categories: Sequence[int], weights: Weights = "identity") -> Result:
    """Gwet's AC1 (identity weights) or AC2 of raters on the scale ``categories``, whole and in order; ``n`` counts items answered twice.

    Chance agreement is that of the categories in all answers, items answered once included. Where all answers are of one class: Silence.
    Raises ValueError for a value beyond the scale.
    """
    place = places(categories)
    beyond = {value for unit in units for value in unit} - place.keys()
    if beyond:
        raise ValueError(f"{sorted(beyond)[0]} is not on the scale")
    agree = agreement_of(weights, len(categories))
    observed = _observed(units, lambda a, b: agree(place[a], place[b]))
    if isinstance(observed, Silence):
        return observed
    shares = _shares(units)
    if len(shares) < 2:
        return Silence("one_class", observed.n)
    size = len(categories)
    total = sum(agree(a, b) for a in range(size) for b in range(size))
    chance = total * sum(share * (1 - share) for share in shares.values()) / (size * (size - 1))
    return Estimate((observed.value - chance) / (1 - chance), observed.n)


def _shares(units: Units) -> dict[int, float]:
    """The share of each category, every item that has an answer counting alike."""
    items = sum(number for unit, number in units.items() if unit)
    shares: dict[int, float] = {}
    for unit, number in units.items():
        for value in unit:
            shares[value] = shares.get(value, 0.0) + number / len(unit) / items
    return shares
