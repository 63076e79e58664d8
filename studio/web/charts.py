"""Numbers as bars: positions for SVG, since a page may hold no inline style."""

from collections.abc import Sequence
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
