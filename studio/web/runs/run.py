"""A run's page: how far it is, what went wrong, its settings, its episodes as a grid."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from judging.engine.judges.spec import spec_of
from judging.selectors.judgements import blames
from judging.selectors.rubrics import rubric_name
from judging.selectors.true_rates import true_rates
from studio.access.blindness import hidden_episodes, names_models
from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.pipelines.fixing import REPAIRABLE
from studio.pipelines.launching import settings_of
from studio.pipelines.model_names import agents_seen, seats_seen, stopped_seen
from studio.pipelines.rate import eta_of, pilot_of
from studio.pipelines.spending import expected_cost, has_models, spending_of
from studio.web.judges.words import KINDS
from studio.web.judges.words import told as told_share
from studio.web.paging import page_of, read_cursor
from studio.web.runs.cells import cell_of
from studio.web.runs.filters import Filters
from studio.web.runs.fragments import fragment, is_fragment, mark_of
from studio.web.runs.launcher import QUERY_OF
from studio.web.runs.states import EPISODE_STATES, RUN_STATES, bar_of, done_of
from synthesis.models import OPEN_STATUSES, Run
from synthesis.selectors import episodes, runs
from synthesis.services.seats import SCRIPTED

CELLS = 240
RATE_WINDOW = timedelta(seconds=60)


@allow("runs.view")
@require_safe
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """``/runs/<n>/``. ``status``, ``domain``, ``variation`` and ``verdict`` narrow the grid; ``after`` is its page."""
    wanted = found(runs.run_get(run_id))
    told, panel = settings_of(wanted), _panel(request, wanted)
    # Whoever reviews blind learns of no judge.
    told |= _rubrics(wanted) if panel["names"] else {"rubric_name": "", "rubrics": []}
    context = {
        **panel,
        **_grid(request, wanted),
        "told": told,
        "seats": seats_seen(wanted.seats, names=panel["names"]),
        "agents": agents_seen(wanted.agents, names=panel["names"]),
        "rates": _rates(wanted) if names_models(person(request), wanted.pk) else [],
        "again": _again(told, names=panel["names"]),
        "crumbs": [(_("Runs"), reverse("runs:index"))],
    }
    return render(request, "runs/run.html", context)


def _rubrics(run: Run) -> dict[str, Any]:
    """What is asked by default, and which rubrics domains and scenarios are asked instead: (name, domains, how many scenarios)."""
    spec = spec_of(run.judge)
    others = []
    for digest in dict.fromkeys([*spec.domains.values(), *spec.scenarios.values()]):
        domains = [slug for slug, wanted in spec.domains.items() if wanted == digest and slug in run.releases]
        others.append((rubric_name(digest), domains, list(spec.scenarios.values()).count(digest)))
    return {"rubric_name": rubric_name(spec.rubric), "rubrics": [row for row in others if row[1] or row[2]]}


def _rates(run: Run) -> list[Any]:
    """How good the episodes truly are, by every judge of whom something is known."""
    return [
        (rate, KINDS.get(rate.judge, rate.judge), told_share(rate.by_judge), told_share(rate.by_reviews)) for rate in true_rates(run.pk)
    ]


def _again(told: Mapping[str, Any], *, names: bool) -> str:
    """The settings as a link to the launcher, without the models for whoever may not be told of them."""
    unsaid = {"rubric_name", "rubrics"}
    if not names:
        unsaid |= {"judges", "rubric", "rivals", *(f"{seat}_seat" for seat in SCRIPTED)}
    return urlencode({QUERY_OF[name]: value for name, value in told.items() if value is not None and name not in unsaid}, doseq=True)


@allow("runs.view")
@require_safe
def panel(request: HttpRequest, run_id: int) -> HttpResponse:
    """The part of the page that tells how far the run is."""
    wanted = found(runs.run_get(run_id))
    if not is_fragment(request):
        return redirect("runs:run", run_id)
    context = _panel(request, wanted)
    return fragment(request, "runs/panel.html", context, context["panel_mark"])


@allow("runs.view")
@require_safe
def grid(request: HttpRequest, run_id: int) -> HttpResponse:
    """The part of the page that shows its episodes."""
    wanted = found(runs.run_get(run_id))
    if not is_fragment(request):
        return redirect(f"{reverse('runs:run', args=[run_id])}?{request.GET.urlencode()}")
    context = _grid(request, wanted)
    return fragment(request, "runs/grid.html", context, context["grid_mark"])


def _panel(request: HttpRequest, run: Run) -> dict[str, Any]:
    counts = runs.run_counts(run.pk)
    now = timezone.now()
    eta = eta_of(run, counts, episodes.ended_since(run.pk, now - RATE_WINDOW), RATE_WINDOW.total_seconds(), now)
    troubles = episodes.troubles(run)
    blamed = blames(run, without=hidden_episodes(person(request))) if can(person(request), "judgements.view") else None
    over = run.status in {"finished", "cancelled"}
    names = names_models(person(request), run.pk) if has_models(run) else True
    spent = spending_of(run)
    stopped = stopped_seen(run.stopped, names=names) if run.status == "paused" else None
    pilot = pilot_of(run, runs.spans_of(run.pk), int(settings.STUDIO_SLICE_WIDTH)) if over and "pilot_for" in run.options else None
    price = expected_cost(run, spent) if pilot else None
    return {
        "run": run,
        "state": RUN_STATES[run.status],
        "counts": counts,
        "lost": counts["failed"] + counts["unfilled"],
        "done": done_of(counts),
        "total": sum(counts.values()),
        "bar": bar_of(run, counts),
        "eta": eta,
        "troubles": troubles,
        "blames": blamed,
        "repairable": REPAIRABLE,
        "pilot": pilot,
        "price": price,
        "whole_price": price.times(run.options["pilot_for"]) if price else None,
        "spending": spent,
        "names": names,
        "stopped": stopped,
        "moving": run.status == "running",
        "panel_mark": mark_of(run.status, counts, eta.words(), round(eta.per_minute), troubles, blamed, spent, stopped),
    }


def _grid(request: HttpRequest, run: Run) -> dict[str, Any]:
    """A page of cells: of a run under way, without filters, the page where the work goes on."""
    filters = Filters(request, run)
    cursor = read_cursor(request, int)
    moving = run.status == "running"
    after = int(cursor[0]) if cursor else -1
    follows = cursor is None and moving and not filters.chosen and "start" not in request.GET
    if follows:
        after = (episodes.first_open(run.pk) or 0) // CELLS * CELLS - 1
    page = page_of(filters.rows(after, CELLS + 1), CELLS, lambda episode: (episode.index,), first=after < 0)
    said = filters.verdicts([episode for episode in page.items if episode.status == "judged"])
    shown = [(episode.pk, episode.status, episode.next_seq) for episode in page.items]
    mark = mark_of(shown, page.next, sorted((pk, verdict.passed) for pk, verdict in said.items()))
    query = {**filters.chosen, **({"after": request.GET["after"]} if cursor else {}), "seen": mark}
    return {
        "run": run,
        "page": page,
        "cells": [cell_of(episode, said.get(episode.pk)) for episode in page.items],
        "filters": filters.shown(),
        "narrowed": bool(filters.chosen),
        "filter_query": filters.query(),
        "follows": follows,
        "states": EPISODE_STATES,
        "grid_mark": mark,
        "grid_query": urlencode(query),
        "living": moving and (follows or any(status in OPEN_STATUSES for _pk, status, _seq in shown)),
    }
