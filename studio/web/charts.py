"""Numbers as drawings: positions for SVG, since a page may hold no inline style. ``templates/parts`` draws them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.functional import Promise


class Share(NamedTuple):
    """One part of a split bar: ``x`` and ``width`` in percent of it; ``kind`` is a colour: good, warn, bad, note, accent or ""."""

    label: str | Promise
    number: int
    kind: str
    url: str
    x: str
    width: str


def shares(parts: Sequence[tuple[str | Promise, int, str, str]]) -> list[Share]:
    """Parts (label, number, kind, url) one after the other, parts of nothing left out."""
    total = sum(number for _label, number, _kind, _url in parts)
    found, x = [], 0.0
    for label, number, kind, url in parts:
        if number:
            width = 100 * number / total
            found.append(Share(label, number, kind, url, f"{x:.3f}", f"{width:.3f}"))
            x += width
    return found


class Rank(NamedTuple):
    """One value with its number and its share of the largest one, in percent."""

    label: str
    number: int
    width: str


def ranked(numbers: Mapping[str, int]) -> list[Rank]:
    """Values in their order, as bars."""
    most = max(numbers.values(), default=0) or 1
    return [Rank(label, number, f"{100 * number / most:.2f}") for label, number in numbers.items()]


class Bar(NamedTuple):
    """One bar of a histogram in a box of 100 x 40: what is kept stands below what is removed. ``low`` to ``high`` is what it counts."""

    low: str
    high: str
    kept: int
    removed: int
    x: str
    kept_y: str
    kept_height: str
    removed_y: str
    removed_height: str


class Histogram(NamedTuple):
    """Bars of scores from 0 to 5, the greatest count, and where the threshold stands (x of 100)."""

    bars: list[Bar]
    most: int
    threshold: str


HEIGHT = 40


def histogram(kept: Sequence[int], removed: Sequence[int], threshold: float) -> Histogram:
    """Counts by equal steps of a score from 0 to 5; empty steps have no bar."""
    most = max((k + r for k, r in zip(kept, removed, strict=True)), default=0) or 1
    step, bars = 5 / len(kept), []
    for number, (k, r) in enumerate(zip(kept, removed, strict=True)):
        if k or r:
            high, low = HEIGHT * k / most, HEIGHT * r / most
            bars.append(
                Bar(
                    f"{number * step:.1f}",
                    f"{(number + 1) * step:.1f}",
                    k,
                    r,
                    f"{100 * number / len(kept):.2f}",
                    f"{HEIGHT - high:.2f}",
                    f"{high:.2f}",
                    f"{HEIGHT - high - low:.2f}",
                    f"{low:.2f}",
                )
            )
    return Histogram(bars, most, f"{100 * threshold / 5:.2f}")
