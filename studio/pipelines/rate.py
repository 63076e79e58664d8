"""How long a run will still take, from how fast it is: a range, since one number would claim to know."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from synthesis.models import Run
from synthesis.selectors.runs import Pace, run_open

SPREAD = 0.15
BEGINNING = 5.0
"""Seconds until the first episode is played: worlds are opened, scenarios made."""
ROOM_AT_WORST = 4
LIKE = 1.5
"""By which factor the pace (seconds before every move) of another run may differ for its rate to tell something."""


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


class Expected(NamedTuple):
    """How long something may take, in seconds, judging from so many runs."""

    least: int
    most: int
    runs: int

    def words(self) -> str:
        """``2:10-3:40``."""
        return f"{_clock(self.least)}–{_clock(self.most)}"


def expected_of(episodes: int, concurrency: int, pace: float, lately: Sequence[Pace]) -> Expected | None:
    """How long ``episodes`` may take: as the slowest and the fastest of the runs played ``lately`` at such a ``pace`` did, and 15 %.

    None while there is no such run to judge from.
    """
    rates = [one.rate for one in lately if one.pace == pace or (pace and one.pace and 1 / LIKE <= one.pace / pace <= LIKE)]
    if not rates:
        return None
    least, most = (episodes / (rate * concurrency) for rate in (max(rates), min(rates)))
    return Expected(int(least * (1 - SPREAD)), int(most * (1 + SPREAD) + BEGINNING) + 1, len(rates))


class Pilot(NamedTuple):
    """What a pilot showed: seconds an episode took, and how long all of them may take."""

    each: float
    expected: Expected


def pilot_of(run: Run, spans: Sequence[tuple[datetime, datetime]], width: int) -> Pilot | None:
    """What the ``spans`` (start and end) of a pilot's episodes say of the run it tries out; None before they have ended.

    Paced episodes mostly wait, so up to ``width`` of them go on side by side in a slice: at best all that room is used, at worst a quarter
    of it. Others keep a processor busy, so more of them side by side take longer: at best every slice has a processor, at worst they share.
    """
    if not spans or "pilot_for" not in run.options:
        return None
    lasted = [(end - start).total_seconds() for start, end in spans]
    each, whole = sum(lasted) / len(spans), run.options["pilot_for"]
    if run.options.get("pace"):
        room = min(width * run.concurrency, whole)
        least, most = whole * each / room, whole * max(lasted) / max(1, room / ROOM_AT_WORST)
    else:
        busy = (max(end for _start, end in spans) - min(start for start, _end in spans)).total_seconds()
        most = whole * busy / len(spans)
        least = most / run.concurrency
    return Pilot(each, Expected(int(least * (1 - SPREAD)), int(most * (1 + SPREAD) + BEGINNING) + 1, 1))


def _clock(seconds: int) -> str:
    if seconds >= 3600:
        return f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
    return f"{seconds // 60}:{seconds % 60:02d}"
