"""How long a run will still take, from how fast it is: a range, since one number would claim to know."""

from datetime import datetime
from typing import NamedTuple

from synthesis.models import Run
from synthesis.selectors.runs import run_open

SPREAD = 0.15


class Eta(NamedTuple):
    """Episodes a minute as measured lately, and the seconds left at least and at most (None while nothing can be said)."""

    per_minute: float
    least: int | None
    most: int | None

    def words(self) -> str:
        """``2:10-3:40``; "" while nothing can be said."""
        if self.least is None or self.most is None:
            return ""
        return f"{_clock(self.least)}–{_clock(self.most)}"


def eta_of(run: Run, counts: dict[str, int], lately: int, window: float, now: datetime) -> Eta:
    """``lately`` episodes ended in the last ``window`` seconds.

    The range spans the rate of the window and that of the whole run, and 15 %.
    """
    left, whole = run_open(counts), sum(counts.values())
    age = max(1.0, (now - run.created).total_seconds())
    rate = lately / min(window, age)
    rates = [rate for rate in (rate, (whole - left) / age) if rate > 0]
    if run.status != "running" or not left or not rates:
        return Eta(rate * 60, None, None)
    return Eta(rate * 60, int(left / max(rates) * (1 - SPREAD)), int(left / min(rates) * (1 + SPREAD)) + 1)


def _clock(seconds: int) -> str:
    if seconds >= 3600:
        return f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
    return f"{seconds // 60}:{seconds % 60:02d}"
