"""The list of runs, and a run's page with its moves."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from judging.selectors.judgements import blames
from studio.access.blindness import hidden_episodes
from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.pipelines.launching import steer
from studio.pipelines.rate import eta_of
from studio.web.charts import shares
from studio.web.paging import page_of, read_cursor
from studio.web.runs.states import EPISODE_STATES, RUN_STATES
from synthesis.models import Run
from synthesis.selectors import episodes, runs
from synthesis.services.runs import RunError

SIZE = 30
CELLS = 240
RATE_WINDOW = timedelta(seconds=60)


@allow("runs.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/runs/``: the newest runs first."""
    cursor = read_cursor(request, int)
    rows = runs.run_list(SIZE + 1, before=int(cursor[0]) if cursor else None)
    page = page_of(rows, SIZE, lambda run: (run.pk,), first=cursor is None)
    counts = runs.counts_of([run.pk for run in page.items])
    lines = [(run, RUN_STATES[run.status], _bar(run, counts[run.pk]), _done(counts[run.pk])) for run in page.items]
    return render(request, "runs/index.html", {"page": page, "lines": lines})


@allow("runs.view")
@require_safe
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """``/runs/<n>/``: how far it is, what went wrong, its episodes."""
    context = _panel(request, found(runs.run_get(run_id)))
    return render(request, "runs/run.html", context | {"crumbs": [(_("Runs"), reverse("runs:index"))]})


@allow("runs.view")
@require_safe
def panel(request: HttpRequest, run_id: int) -> HttpResponse:
    """The part of the run's page that moves; everybody but htmx gets the page."""
    wanted = found(runs.run_get(run_id))
    if request.headers.get("HX-Request") != "true":
        return redirect("runs:run", run_id)
    return render(request, "runs/panel.html", _panel(request, wanted))


@allow("runs.control")
@require_POST
def move(request: HttpRequest, run_id: int, name: str) -> HttpResponse:
    """Pause, resume or cancel."""
    found(runs.run_get(run_id))
    try:
        steer(run_id=run_id, move=name)
    except RunError as error:
        messages.error(request, f"{error.problem[0].upper()}{error.problem[1:]}.")
    return redirect("runs:run", run_id)


def _panel(request: HttpRequest, run: Run) -> dict[str, Any]:
    cursor = read_cursor(request, int)
    status = request.GET.get("status", "")
    status = status if status in EPISODE_STATES else ""
    rows = episodes.episodes_of_run(run.pk, after=int(cursor[0]) if cursor else -1, limit=CELLS + 1, status=status)
    counts = runs.run_counts(run.pk)
    now = timezone.now()
    sees_scores = can(person(request), "judgements.view")
    return {
        "run": run,
        "state": RUN_STATES[run.status],
        "counts": counts,
        "done": _done(counts),
        "total": sum(counts.values()),
        "bar": _bar(run, counts),
        "states": EPISODE_STATES,
        "status": status,
        "page": page_of(rows, CELLS, lambda episode: (episode.index,), first=cursor is None),
        "eta": eta_of(run, counts, episodes.ended_since(run.pk, now - RATE_WINDOW), RATE_WINDOW.total_seconds(), now),
        "troubles": episodes.troubles(run),
        "blames": blames(run, without=hidden_episodes(person(request))) if sees_scores else None,
        "moving": run.status == "running",
        "query": request.GET.urlencode(),
    }


def _done(counts: dict[str, int]) -> int:
    return sum(counts.values()) - runs.run_open(counts)


def _bar(run: Run, counts: dict[str, int]) -> Any:
    url = reverse("runs:run", args=[run.pk])
    return shares([(label, counts[name], kind, f"{url}?status={name}") for name, (kind, label) in EPISODE_STATES.items()])
