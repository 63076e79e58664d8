"""Numbers over time as charts: bars and lines in a box of 100 x 40, ticks in words beside it (``templates/parts/series.html``).

The box is stretched to the page, so all text stands outside of it as HTML, and strokes do not scale.
"""

from collections.abc import Sequence
from math import floor, log10
from typing import NamedTuple

WIDTH, HEIGHT = 100.0, 40.0
GAP = 0.15
"""Share of a bar's place that is left free."""


class Mark(NamedTuple):
    """One step of time: its name, value in words, the list behind it; its bar, and the place that can be pointed at."""

    label: str
    text: str
    url: str
    x: str
    width: str
    y: str
    height: str
    place_x: str
    place_width: str


class Series(NamedTuple):
    """A chart. ``ticks`` of the value axis from the top down; ``begin``, ``middle``, ``end`` of the time axis; ``line`` as SVG points;
    ``target`` is the height of a line to compare with, "" without."""

    marks: list[Mark]
    ticks: list[str]
    begin: str
    middle: str
    end: str
    line: list[str]
    target: str
    empty: bool


def series(
    labels: Sequence[str],
    values: Sequence[float | None],
    urls: Sequence[str],
    *,
    digits: int = 0,
    top: float | None = None,
    target: float | None = None,
) -> Series:
    """Values by step, None where there is none. The axis begins at 0 and ends at ``top``, or at a round number above all of it."""
    most = top if top is not None else ceiling(max([value or 0 for value in values] + [target or 0]))
    place = WIDTH / max(1, len(values))
    marks = [
        _mark(label, value, url, number * place, place, most, digits)
        for number, (label, value, url) in enumerate(zip(labels, values, urls, strict=True))
    ]
    return Series(
        marks=marks,
        ticks=[f"{most:,.{digits}f}", f"{most / 2:,.{digits if most / 2 == floor(most / 2) else max(1, digits)}f}", "0"],
        begin=labels[0] if labels else "",
        middle=labels[len(labels) // 2] if labels else "",
        end=labels[-1] if labels else "",
        line=strokes(values, most),
        target="" if target is None else f"{_y(target, most):.2f}",
        empty=not any(value is not None and value for value in values),
    )


def strokes(values: Sequence[float | None], most: float, least: float = 0.0) -> list[str]:
    """Polylines through the middles of the steps that have a value: a new one after every gap."""
    place = WIDTH / max(1, len(values))
    lines: list[list[str]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            lines.append([])
        else:
            lines[-1].append(f"{(number + 0.5) * place:.2f},{_y(value - least, most - least):.2f}")
    # A lone point is drawn as a short stroke: a polyline of one point is invisible.
    return [" ".join(line if len(line) > 1 else _dash(line[0], place)) for line in lines if line]


def ceiling(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50, ... that is not below ``value``; 1 for nothing."""
    if value <= 1:
        return 1.0
    unit = 10.0 ** floor(log10(value))
    return next(unit * step for step in (1, 2, 5, 10) if unit * step >= value)


def _dash(point: str, place: float) -> list[str]:
    x, y = point.split(",")
    return [f"{float(x) - place / 4:.2f},{y}", f"{float(x) + place / 4:.2f},{y}"]


def _y(value: float, most: float) -> float:
    return HEIGHT - HEIGHT * min(1.0, max(0.0, value / most if most else 0.0))


def _mark(label: str, value: float | None, url: str, x: float, place: float, most: float, digits: int) -> Mark:
    y = _y(value or 0, most)
    return Mark(
        label=label,
        text="–" if value is None else f"{value:,.{digits}f}",
        url=url,
        x=f"{x + place * GAP / 2:.3f}",
        width=f"{place * (1 - GAP):.3f}",
        y=f"{y:.2f}",
        height=f"{HEIGHT - y:.2f}",
        place_x=f"{x:.3f}",
        place_width=f"{place:.3f}",
    )
