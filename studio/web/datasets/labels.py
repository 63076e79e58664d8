"""What gates and traits are called."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from studio.web.charts import Rank, ranked

GATES: dict[str, tuple[str | Promise, str | Promise]] = {
    "valid": (_("Valid"), _("The conversation is well formed: calls paired with results, arguments that fit, sound text.")),
    "checks": (_("Checks"), _("The right final state was reached the right way.")),
    "hard": (_("Hard criteria"), _("No criterion that must not fail has failed.")),
    "quality": (_("Quality"), _("The overall score reaches the threshold.")),
    "floor": (_("Floors"), _("Single criteria reach their own floors.")),
    "exact_duplicate": (_("Exact duplicates"), _("No kept row has the same messages.")),
    "structural_duplicate": (_("Structural duplicates"), _("No kept row has the same calls to the same end.")),
    "semantic_duplicate": (_("Same in other words"), _("No kept row says the same in other words.")),
    "review": (_("Review"), _("What people decided counts before what judges found.")),
}
TRAITS: dict[str, str | Promise] = {
    "domain": _("Domain"),
    "variation": _("Variation"),
    "difficulty": _("Difficulty"),
    "language": _("Language"),
}
MOST_REASONS = 8


class Gate(NamedTuple):
    """One gate and what it removed, by reason; ``more`` reasons are not among them."""

    name: str
    label: str | Promise
    meaning: str | Promise
    removed: int
    reasons: list[tuple[str, int]]
    more: int


def gates_of(counts: Mapping[str, Any]) -> list[Gate]:
    """The gates of ``counts`` (engine.filters.Tally.counts), in the order in which they were asked."""
    found = []
    for name, told in counts.items():
        label, meaning = GATES.get(name, (name.replace("_", " "), ""))
        reasons = list(told["reasons"].items())
        found.append(Gate(name, label, meaning, told["removed"], reasons[:MOST_REASONS], max(0, len(reasons) - MOST_REASONS)))
    return found


def mixes_of(mix: Mapping[str, Mapping[str, int]]) -> list[tuple[str, str | Promise, list[Rank]]]:
    """Traits in order, each with its values as bars."""
    return [(name, TRAITS[name], ranked(mix[name])) for name in TRAITS]
