"""The list of runs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studio.access.doors import allow
from studio.web.paging import page_of, read_cursor
from studio.web.runs.states import RUN_STATES, bar_of, done_of
from synthesis.selectors import catalog, runs

SIZE = 30
COMMAND = "-"
"""In the query string: started by nobody who is signed in, but at the command line."""


@allow("runs.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/runs/``: the newest first; ``status``, ``domain`` and ``by`` (a user name) narrow the list."""
    cursor = read_cursor(request, int)
    given = {name: request.GET.get(name, "").replace("\x00", "")[:150] for name in ("status", "domain", "by")}
    given["status"] = given["status"] if given["status"] in RUN_STATES else ""
    by = {"": None, COMMAND: ""}.get(given["by"], given["by"])
    rows = runs.run_list(SIZE + 1, before=int(cursor[0]) if cursor else None, status=given["status"], by=by, domain=given["domain"])
    page = page_of(rows, SIZE, lambda run: (run.pk,), first=cursor is None)
    counts = runs.counts_by_run(page.items)
    context = {
        "page": page,
        "lines": [(run, RUN_STATES[run.status], bar_of(run, counts[run.pk]), done_of(counts[run.pk])) for run in page.items],
        "given": given,
        "narrowed": any(given.values()),
        "states": RUN_STATES,
        "domains": [(slug, release.domain.name) for slug, release in catalog.active_releases().items()],
        "starters": runs.starters(),
        "command": COMMAND,
    }
    return render(request, "runs/index.html", context)
