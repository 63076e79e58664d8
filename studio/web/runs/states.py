"""What states of runs and episodes are called, and in which colour."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RUN_STATES: dict[str, tuple[str, str | Promise]] = {
    "running": ("accent", _("running")),
    "paused": ("warn", _("paused")),
    "cancelled": ("", _("cancelled")),
    "finished": ("good", _("finished")),
}
EPISODE_STATES: dict[str, tuple[str, str | Promise]] = {
    "judged": ("good", _("judged")),
    "played": ("note", _("played")),
    "playing": ("accent", _("playing")),
    "queued": ("", _("queued")),
    "planned": ("", _("planned")),
    "unfilled": ("warn", _("without scenario")),
    "failed": ("bad", _("failed")),
    "cancelled": ("warn", _("cancelled")),
}
"""In the order of a bar: what is done first."""

PLACES: dict[str, str] = {
    "--seed": "seed",
    "--episodes": "episodes",
    "--slips": "slips",
    "--threshold": "threshold",
    "--domains": "domains",
    "--variations": "variations",
    "--languages": "languages",
}
"""Which field of the launcher an argument of the run service is."""
