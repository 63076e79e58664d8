"""Shares with intervals: how many of the good a judge passes, how many of the bad it catches.

Sources: E. B. Wilson, Probable inference (1927); R. G. Newcombe, Interval estimation for the difference between independent proportions
(1998), whose way of putting intervals together serves the mean of two shares; L. Kish, Survey Sampling (1965), for the effective number.
"""

from collections.abc import Callable, Iterable, Sequence
from math import sqrt

import msgspec

from judging.engine.statistics.result import Estimate, Result, Silence

Z = 1.959963984540054
"""Of a 95 % interval."""


class Confusion(msgspec.Struct, frozen=True):
    """Items by truth (good, bad) and judge (passed, caught). Numbers, or sums of weights."""

    good_passed: float = 0
    good_caught: float = 0
    bad_passed: float = 0
    bad_caught: float = 0


class Weighed(msgspec.Struct, frozen=True):
    """One labelled item: whether it is ``good`` in truth, whether the judge ``passed`` it, and for how many it stands (1 / probability)."""

    good: bool
    passed: bool
    weight: float = 1.0


def share(hits: float, of: float, n: int | None = None, effective: float | None = None) -> Result:
    """``hits`` of ``of`` with its Wilson interval; ``n`` items and an ``effective`` number where weights are in play."""
    if of <= 0:
        return Silence("no_labels")
    low, high = wilson(hits / of, of if effective is None else effective)
    return Estimate(hits / of, round(of) if n is None else n, low, high)


def wilson(rate: float, n: float) -> tuple[float, float]:
    """The Wilson score interval of a share ``rate`` of ``n``."""
    middle = (rate + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n))
    # At the ends the interval reaches the end exactly; rounding must not say otherwise.
    return (0.0 if rate == 0 else max(0.0, middle - half)), (1.0 if rate == 1 else min(1.0, middle + half))


def confusion(items: Iterable[Weighed], *, weighted: bool = False) -> Confusion:
    """Counts, or sums of weights."""
    sums = dict.fromkeys(((True, True), (True, False), (False, True), (False, False)), 0.0)
    for item in items:
        sums[item.good, item.passed] += item.weight if weighted else 1
    return Confusion(sums[True, True], sums[True, False], sums[False, True], sums[False, False])


class Rates(msgspec.Struct, frozen=True):
    """``tpr``: share of the good that pass; ``tnr``: share of the bad that are caught; ``balanced``: their mean."""

    tpr: Result
    tnr: Result
    balanced: Result


def rates(items: Sequence[Weighed]) -> Rates:
    """Rates over items that were drawn with different probabilities: each stands for ``weight`` items, and the intervals rest on the
    effective number of them. With equal weights these are plain shares with Wilson intervals.

    Where the truth has one class only, the other class's rate is a Silence, and so is the mean.
    """
    tpr = _share_of([item for item in items if item.good], lambda item: item.passed, len(items))
    tnr = _share_of([item for item in items if not item.good], lambda item: not item.passed, len(items))
    return Rates(tpr, tnr, mean_of(tpr, tnr))


def rates_of_counts(table: Confusion) -> Rates:
    """Rates of unweighted counts."""
    good, bad = table.good_passed + table.good_caught, table.bad_passed + table.bad_caught
    silent = Silence("one_class" if good or bad else "no_labels", round(good + bad))
    tpr = share(table.good_passed, good) if good else silent
    tnr = share(table.bad_caught, bad) if bad else silent
    return Rates(tpr, tnr, mean_of(tpr, tnr))


def _share_of(items: Sequence[Weighed], hit: Callable[[Weighed], bool], labels: int) -> Result:
    if not items:
        return Silence("one_class" if labels else "no_labels", labels)
    total = sum(item.weight for item in items)
    effective = total**2 / sum(item.weight**2 for item in items)
    return share(sum(item.weight for item in items if hit(item)), total, len(items), effective)


def mean_of(first: Result, second: Result) -> Result:
    """The mean of two independent shares; Silence where one of them is."""
    if isinstance(first, Silence):
        return first
    if isinstance(second, Silence):
        return second
    value = (first.value + second.value) / 2
    assert first.low is not None and first.high is not None and second.low is not None and second.high is not None
    down = sqrt((first.value - first.low) ** 2 + (second.value - second.low) ** 2) / 2
    up = sqrt((first.high - first.value) ** 2 + (second.high - second.value) ** 2) / 2
    return Estimate(value, first.n + second.n, max(0.0, value - down), min(1.0, value + up))
