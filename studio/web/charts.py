"""Numbers as bars: positions for SVG, since a page may hold no inline style."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.functional import Promise


class Share(NamedTuple):
    """One part of a split bar. ``x`` and ``width`` in percent of the bar; ``kind`` is a colour of the tokens: good, warn, bad, note, or ""."""

    label: str | Promise
    count: int
    kind: str
    url: str
    x: str
    width: str


def shares(parts: Sequence[tuple[str | Promise, int, str, str]]) -> list[Share]:
    """Parts (label, count, kind, url) one after the other, parts of nothing left out."""
    total = sum(count for _label, count, _kind, _url in parts)
    found, x = [], 0.0
    for label, count, kind, url in parts:
        if count:
            width = 100 * count / total
            found.append(Share(label, count, kind, url, f"{x:.3f}", f"{width:.3f}"))
            x += width
    return found
