"""The first page: what this is, what to do next, what is going on, how much came of it."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from judging.selectors import coverage, funnel, funnel_of_all, totals, version_of
from judging.selectors.overview import trust
from studio.access.doors import allow, person
from studio.access.permissions import can
from studio.pipelines.spending import kept_cost
from studio.pipelines.under_way import under_way
from studio.web.home.steps import first_day
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.models import Run
from synthesis.selectors.catalog import active_releases
from synthesis.selectors.runs import run_newest

STEPS: tuple[tuple[str, str | Promise, dict[str, str]], ...] = (
    ("planned", _("Planned"), {}),
    ("generated", _("Generated"), {}),
    ("played", _("Played"), {}),
    ("checks_passed", _("Checks passed"), {"passed": "yes"}),
    ("judged", _("Judged"), {"status": "judged", "passed": "yes"}),
    ("kept", _("Kept"), {}),
)
"""(key of the funnel, name, filter of the list of episodes behind it)."""
PLAYED = 3
"""Steps before any judge has looked: what follows tells reviewers what judges think, and why."""
MOST_REASONS = 3


class Stage(NamedTuple):
    """One step of the funnel: its name, how many reached it, how wide its bar is (percent), the list behind it, why others did not."""

    label: str | Promise
    number: int | None
    width: str
    url: str
    reasons: list[tuple[str, int]]


class Cell(NamedTuple):
    """One cell of the map: judged episodes, and where it leads: to them, or to a launcher that makes some; "" where neither may be."""

    variation: str
    number: int
    url: str


@allow("home.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/``. ``?runs=all`` counts over all runs instead of the newest one."""
    newest = run_newest()
    every = request.GET.get("runs") == "all"
    user, run = person(request), None if every else newest
    context: dict[str, Any] = {
        "totals": totals(),
        "run": newest,
        "every": every,
        "going_on": under_way(timezone.now()),
        "steps": first_day(user, newest),
        "trust": trust() if can(user, "judgements.view") else None,
    }
    if newest is not None:
        context |= {
            "stages": stages(run, sees_lists=True, sees_scores=can(user, "judgements.view")),
            "variations": VARIATIONS,
            "coverage": grid(run, may_start=can(user, "runs.start")),
        }
        if can(user, "judgements.view"):
            context["cost"] = kept_cost(run)
    return render(request, "home/index.html", context)


@allow("home.view")
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """What is going on, which asks for itself again while anything is; everybody but htmx gets the page."""
    if request.headers.get("HX-Request") != "true":
        return redirect("home:index")
    return render(request, "home/live.html", {"going_on": under_way(timezone.now())})


def stages(run: Run | None, *, sees_lists: bool, sees_scores: bool = True) -> list[Stage]:
    """The funnel of ``run``, or of all runs; without ``sees_scores`` only up to where judges come in."""
    version = version_of(run=run) if run else None
    counts = funnel(run=run, version=version) if run else funnel_of_all()
    planned = max(1, counts["planned"])
    base = {"run": str(run.pk)} if run else {}
    found = []
    for key, label, wanted in STEPS if sees_scores else STEPS[:PLAYED]:
        url = f"{reverse('monitor:episodes')}?{urlencode({**base, **wanted})}" if sees_lists and counts[key] else ""
        if key == "kept":
            url = reverse("datasets:version", args=[version.pk]) if version else reverse("datasets:index") if counts[key] else ""
        reasons = list(counts["dropped"].get(key, {}).items())[:MOST_REASONS]
        found.append(Stage(label, counts[key], f"{100 * (counts[key] or 0) / planned:.2f}", url, reasons))
    return found


def grid(run: Run | None, *, may_start: bool) -> list[tuple[str, list[Cell]]]:
    """Judged episodes by domain (rows: the active ones, and those that have any) and variation (columns, in their fixed order)."""
    counted = coverage(run=run)
    domains = sorted(counted.keys() | active_releases().keys())
    base = {"run": str(run.pk)} if run else {}
    return [(slug, [_cell(slug, name, counted.get(slug, {}).get(name, 0), base, may_start) for name in VARIATIONS]) for slug in domains]


def _cell(domain: str, variation: str, number: int, base: dict[str, str], may_start: bool) -> Cell:
    if number:
        query = urlencode({**base, "domain": domain, "variation": variation, "status": "judged"})
        return Cell(variation, number, f"{reverse('monitor:episodes')}?{query}")
    if may_start:
        return Cell(variation, 0, f"{reverse('runs:new')}?{urlencode({'domains': domain, 'variations': variation})}")
    return Cell(variation, 0, "")
