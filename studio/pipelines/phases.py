"""How far an episode is, in a word that the page and the socket show alike."""

from datetime import datetime
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from synthesis.models import OPEN_STATUSES


class Phase(NamedTuple):
    """``kind`` is a badge's colour; ``over``: nothing will be added any more."""

    name: str
    kind: str
    text: str
    over: bool


def phase_of(*, status: str, outcome: str, run_status: str, shown: int, stored: int, by_hand: bool = False) -> Phase:
    """The phase of an episode of whose ``stored`` events ``shown`` have been shown; ``by_hand``: somebody plays a seat of it."""
    over = status not in OPEN_STATUSES
    if shown < stored:
        far, whole = (number_format(number, force_grouping=True) for number in (shown, stored))
        return Phase("loading", "note", _("Loading %(far)s/%(whole)s") % {"far": far, "whole": whole}, False)
    if status in {"played", "judged"}:
        return Phase("ended", "good" if outcome in {"user_done", "agent_done"} else "warn", _("Ended: %(how)s") % {"how": outcome}, over)
    if status == "failed":
        return Phase("failed", "bad", _("Failed"), over)
    if status == "unfilled":
        return Phase("unfilled", "bad", _("No scenario could be made"), over)
    if status == "cancelled":
        return Phase("cancelled", "warn", _("Cancelled"), over)
    if run_status == "paused" and by_hand:
        return Phase("by_hand", "accent", _("Waiting for a person"), False)
    if run_status == "paused":
        return Phase("paused", "warn", _("Paused"), False)
    if status == "playing":
        return Phase("live", "accent", _("Live"), False)
    return Phase("waiting", "", _("Waiting for a worker"), False)


def elapsed_of(started: datetime | None, finished: datetime | None, now: datetime) -> str:
    """How long an episode has taken, as minutes and seconds; "" before it starts."""
    if started is None:
        return ""
    seconds = max(0, int(((finished or now) - started).total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02d}"
