"""From which score on is an episode good often enough?"""

from collections.abc import Sequence
from itertools import groupby

import msgspec

from judging.engine.statistics.rates import share
from judging.engine.statistics.result import Result, Silence


class Scored(msgspec.Struct, frozen=True):
    """A labelled episode with the judge's ``score``; ``weight`` says for how many it stands."""

    score: float
    good: bool
    weight: float = 1.0


class Threshold(msgspec.Struct, frozen=True):
    """From ``at`` on: ``precision`` is the share of good ones among those kept, ``kept`` the share kept of all, ``recall`` of the good."""

    at: float
    precision: Result
    kept: Result
    recall: Result


def threshold_for(precision: float, items: Sequence[Scored]) -> Threshold | Silence:
    """The lowest score from which on the share of good ones is at least ``precision`` (0-1). Silence where no score reaches it."""
    if not items:
        return Silence("no_labels")
    kept = good = 0.0
    lowest = None
    ordered = sorted(items, key=lambda item: item.score, reverse=True)
    for score, tied in groupby(ordered, key=lambda item: item.score):
        for item in tied:
            kept += item.weight
            good += item.weight * item.good
        # Not the first that fails ends it: precision may fall and rise again.
        lowest = score if good >= precision * kept else lowest
    return Silence("not_reached", len(items)) if lowest is None else at_score(lowest, items)


def at_score(at: float, items: Sequence[Scored]) -> Threshold:
    """What a threshold at this score keeps."""
    kept = [item for item in items if item.score >= at]
    return Threshold(at, _share(kept, [i for i in kept if i.good]), _share(items, kept), _share(*_good(items, kept)))


def _good(items: Sequence[Scored], kept: Sequence[Scored]) -> tuple[list[Scored], list[Scored]]:
    return [item for item in items if item.good], [item for item in kept if item.good]


def _share(items: Sequence[Scored], hits: Sequence[Scored]) -> Result:
    total, squares = sum(item.weight for item in items), sum(item.weight**2 for item in items)
    return share(sum(item.weight for item in hits), total, len(items), total**2 / squares if squares else None)
