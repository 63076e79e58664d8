"""The episodes of a run as a list."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from studio.access.doors import allow, found
from studio.pipelines.phases import elapsed_of
from studio.web.paging import page_of, read_cursor
from studio.web.runs.filters import Filters
from studio.web.runs.states import EPISODE_STATES
from synthesis.selectors import runs
from synthesis.selectors.spending import currency_of

SIZE = 100


@allow("episodes.view")
@require_safe
def episode_list(request: HttpRequest, run_id: int) -> HttpResponse:
    """``/runs/<n>/episodes/``: in order of index; ``status``, ``domain``, ``variation`` and ``verdict`` narrow the list."""
    run = found(runs.run_get(run_id))
    filters = Filters(request, run)
    cursor = read_cursor(request, int)
    rows = filters.rows(int(cursor[0]) if cursor else -1, SIZE + 1)
    page = page_of(rows, SIZE, lambda episode: (episode.index,), first=cursor is None)
    verdicts = filters.verdicts(page.items)
    context = {
        "run": run,
        "page": page,
        "lines": [
            (
                episode,
                EPISODE_STATES[episode.status],
                elapsed_of(episode.started, episode.finished, episode.finished) if episode.finished else "",
                verdicts.get(episode.pk),
            )
            for episode in page.items
        ],
        "filters": filters.shown(),
        "filter_query": filters.query(),
        "sees_scores": filters.sees_scores,
        "currency": currency_of(run) if any(episode.tokens for episode in page.items) else None,
        "crumbs": [(_("Runs"), reverse("runs:index")), (f"{_('Run')} {run.pk}", reverse("runs:run", args=[run.pk]))],
    }
    return render(request, "runs/episodes.html", context)
