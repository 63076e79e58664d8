"""The first page."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from judging.selectors import coverage, funnel, totals, version_of
from studio.access.doors import allow
from studio.access.permissions import can
from studio.web.areas import user_of
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.models import Run
from synthesis.selectors.runs import run_list

STEPS: tuple[tuple[str, str | Promise], ...] = (
    ("planned", _("Planned")),
    ("generated", _("Generated")),
    ("played", _("Played")),
    ("checks_passed", _("Checks passed")),
    ("judged", _("Judged")),
    ("kept", _("Kept")),
)
MOST_REASONS = 3


class Stage(NamedTuple):
    """One step of the funnel: its name, how many reached it, how wide its bar is (percent), why others did not."""

    label: str | Promise
    number: int | None
    width: str
    reasons: list[tuple[str, int]]


@allow("home.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/``: where things stand and what to do next."""
    newest = next(iter(run_list(limit=1)), None)
    context: dict[str, Any] = {"totals": totals(), "run": newest, "next": next_steps(request, newest)}
    if newest is not None:
        context |= {"stages": stages(newest), "variations": VARIATIONS, "coverage": grid(newest)}
    return render(request, "home/index.html", context)


def stages(run: Run) -> list[Stage]:
    """The funnel of ``run``."""
    counts = funnel(run=run, version=version_of(run=run))
    planned = max(1, counts["planned"])
    return [
        Stage(label, counts[key], f"{100 * (counts[key] or 0) / planned:.2f}", list(counts["dropped"].get(key, {}).items())[:MOST_REASONS])
        for key, label in STEPS
    ]


def grid(run: Run) -> list[tuple[str, list[int]]]:
    """Judged episodes by domain (rows) and variation (columns, in their fixed order)."""
    return [(domain, [numbers.get(variation, 0) for variation in VARIATIONS]) for domain, numbers in coverage(run=run).items()]


def next_steps(request: HttpRequest, run: Run | None) -> list[tuple[str | Promise, str]]:
    """What the signed-in person may sensibly do now: (words, URL)."""
    user = user_of(request)
    steps: list[tuple[str | Promise, str]] = []
    if run is not None and run.status == "running" and can(user, "runs.view"):
        steps.append((_("Watch the run that is under way"), reverse("runs:run", args=[run.pk])))
    if can(user, "runs.start"):
        words = _("Start a first run") if run is None else _("Start another run")
        steps.append((words, reverse("runs:new")))
    if run is not None and run.status == "finished" and can(user, "runs.view"):
        steps.append((_("Read episodes of the newest run"), reverse("runs:run", args=[run.pk])))
    if run is not None and can(user, "datasets.view"):
        steps.append((_("Download a dataset"), reverse("datasets:index")))
    return steps
