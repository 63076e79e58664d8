"""Numbers and states of judges as people read them."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from judging.engine.calibration.badge import DISTRUSTED_TNR, TRUSTED_TNR, Badge, State
from judging.engine.statistics.result import Estimate, Result, Why

SILENCES: dict[Why, str | Promise] = {
    "no_labels": _("nothing to compare"),
    "no_pairs": _("no item was answered twice"),
    "one_class": _("one class"),
    "not_enough": _("not enough reviews"),
    "no_better_than_chance": _("no better than chance"),
    "not_reached": _("not reached"),
    "too_few_plays": _("too few plays"),
}

DAMAGES: dict[str, str | Promise] = {
    "wrong_argument": _("Wrong argument"),
    "wrong_record": _("Wrong record"),
    "skipped_step": _("Skipped step"),
    "unconfirmed_write": _("Write without a yes"),
    "premature_end": _("Ended too early"),
    "invented_result": _("Invented result"),
    "ignored_error": _("Ignored error"),
    "policy_broken": _("Broken policy"),
    "needless_call": _("Needless call"),
}

KINDS: dict[str, str | Promise] = {"programmatic": _("Checks"), "model": _("Model"), "panel": _("Panel")}

STATES: dict[State, tuple[str | Promise, str]] = {
    "uncalibrated": (_("uncalibrated"), "warn"),
    "dev_only": (_("dev only"), "note"),
    "calibrated": (_("calibrated"), "good"),
    "stale": (_("stale"), "warn"),
}
"""Words and colour of a badge."""


class Told(NamedTuple):
    """A result to be shown: its number and interval as text, or ``words`` in their place; ``n`` items. ``x``, ``width``, ``at`` place it
    in a drawing of 100 that begins at 0.
    """

    text: str
    interval: str
    n: int
    words: str | Promise
    x: str
    width: str
    at: str
    colour: str = ""


def told(result: Result, *, share: bool = True) -> Told:
    """A ``share`` as percent, anything else as a number with two digits."""
    if not isinstance(result, Estimate):
        return Told("", "", result.n, SILENCES[result.why], "", "", "")
    scale, digits = (100, 1) if share else (1, 2)
    text = f"{scale * result.value:.{digits}f}" + (" %" if share else "")
    if result.low is None or result.high is None:
        return Told(text, "", result.n, "", "", "", f"{100 * result.value:.2f}")
    low, high = f"{scale * result.low:.{digits}f}", f"{scale * result.high:.{digits}f}"
    # Other numbers than shares may be below 0, where a dash would be misread.
    interval = f"{low}–{high}" if share else f"[{low}, {high}]"
    width = max(0.5, 100 * (result.high - result.low))
    colour = "good" if result.value >= TRUSTED_TNR else "bad" if result.value < DISTRUSTED_TNR else "warn"
    return Told(text, interval, result.n, "", f"{100 * result.low:.2f}", f"{width:.2f}", f"{100 * result.value:.2f}", colour)


class ToldBadge(NamedTuple):
    """A badge to be shown: state in a word with its colour, the share of bad ones caught, and whether the judge is trusted."""

    badge: Badge
    word: str | Promise
    colour: str
    tnr: Told | None


def told_badge(badge: Badge) -> ToldBadge:
    """A badge as templates show it (``judges/badge.html``)."""
    word, colour = STATES[badge.state]
    return ToldBadge(badge, word, colour, told(badge.tnr) if badge.tnr else None)
