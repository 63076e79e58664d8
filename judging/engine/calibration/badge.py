"""The badge of a judge: what may be said of it in one line, wherever it is named."""

from datetime import datetime
from typing import Literal

import msgspec

from judging.engine.calibration.report import OfCriterion, Part, Report
from judging.engine.statistics.rates import mean_of
from judging.engine.statistics.result import Estimate, Result

State = Literal["uncalibrated", "dev_only", "calibrated", "stale"]
Source = Literal["", "reviews", "damage"]
TRUSTED_TNR = 0.8
"""A judge is trusted when the interval of the share of bad episodes it catches lies above this, and its balanced accuracy does too: one
that catches everything is no better than one that passes everything."""
DISTRUSTED_TNR = 0.5


class Badge(msgspec.Struct, frozen=True):
    """``n`` labels or damaged plays; ``tnr`` is the share of bad episodes caught, None without; ``date`` of the calibration.

    ``trusted``: None where nothing can be said. ``source``: whose truth it rests on; people's wherever there is enough of it.
    """

    state: State
    date: datetime | None = None
    n: int = 0
    tnr: Estimate | None = None
    source: Source = ""
    trusted: bool | None = None


def badge_of(report: Report, *, date: datetime, looked: bool) -> Badge:
    """The badge that a report gives. ``looked``: whether somebody opened its test part; before that nothing but dev counts."""
    if looked and (found := _numbers(report.parts["test"])):
        return Badge("calibrated", date, *found)
    if found := _numbers(report.parts["dev"]):
        return Badge("dev_only", date, *found)
    return Badge("uncalibrated", date)


def _numbers(part: Part) -> tuple[int, Estimate, Source, bool | None] | None:
    verdict: OfCriterion = part.criteria[0]
    if isinstance(verdict.rates.tnr, Estimate) and isinstance(verdict.rates.balanced, Estimate):
        counts = verdict.counts
        n = round(counts.good_passed + counts.good_caught + counts.bad_passed + counts.bad_caught)
        return n, verdict.rates.tnr, "reviews", trusted(verdict.rates.tnr, verdict.rates.balanced)
    found = part.damage_found
    if isinstance(found, Estimate) and found.n >= 100:
        return found.n, found, "damage", trusted(found, mean_of(part.whole, found))
    return None


def trusted(tnr: Result, balanced: Result) -> bool | None:
    """Whether a judge can be trusted: yes when it surely catches most bad episodes and passes good ones; no when it misses half of the bad
    ones or is no better than chance; None in between.
    """
    if not isinstance(tnr, Estimate):
        return None
    chance = isinstance(balanced, Estimate) and balanced.low is not None and balanced.low <= 0.5
    if tnr.value < DISTRUSTED_TNR or chance:
        return False
    good = isinstance(balanced, Estimate) and balanced.value >= TRUSTED_TNR
    return True if good and tnr.low is not None and tnr.low >= TRUSTED_TNR else None
