"""What states of runs and episodes are called, in which colour, and as a bar."""

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from studio.web.charts import Share, shares
from synthesis.models import Run
from synthesis.selectors.runs import run_open

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
    "--teams": "teams",
    "--two-domains": "two_domains",
    "--threshold": "threshold",
    "--domains": "domains",
    "--variations": "variations",
    "--languages": "languages",
    "--personas": "personas",
    "--agents": "agents",
    "--user": "user_seat",
    "--agent": "agent_seat",
    "--tools": "tools_seat",
    "--simulate": "simulate",
    "--agent-seats": "rivals",
    "--budget": "budget",
    "--plays": "plays",
    "--judges": "judges",
    "--rubric": "rubric",
}
"""Which field of the launcher an argument of the run service is."""


def done_of(counts: dict[str, int]) -> int:
    """How many episodes need no work any more."""
    return sum(counts.values()) - run_open(counts)


def bar_of(run: Run, counts: dict[str, int]) -> list[Share]:
    """The episodes of a run by state, each state a link to those in it."""
    url = reverse("runs:run", args=[run.pk])
    return shares([(label, counts[name], kind, f"{url}?status={name}") for name, (kind, label) in EPISODE_STATES.items()])
