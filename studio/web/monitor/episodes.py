"""Episodes of all runs: the list behind every mark and number of the monitor and of the first page."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from judging.selectors.monitor import episodes_listed
from studio.access.blindness import hidden_episodes
from studio.access.doors import allow, person
from studio.access.permissions import can
from studio.web.paging import page_of, read_cursor
from studio.web.runs.states import EPISODE_STATES
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.selectors.catalog import active_releases

SIZE = 50


@allow("episodes.view")
@require_safe
def episodes(request: HttpRequest) -> HttpResponse:
    """``/monitor/episodes/``: ``?domain=``, ``variation``, ``status``, ``run``, ``passed``, ``tag``, ``from`` and ``to`` (seconds since
    1970, about the end). What judges found is neither shown to nor filtered for those who may not see it."""
    sees_scores = can(person(request), "judgements.view")
    said = {name: request.GET.get(name, "")[:80].replace("\x00", "") for name in ("domain", "variation", "status", "passed", "tag")}
    if not sees_scores:
        said["passed"] = said["tag"] = ""
    cursor = read_cursor(request, int)
    since, until = _moment(request, "from"), _moment(request, "to")
    listed = episodes_listed(
        run=_number(request.GET.get("run", "")),
        domain=said["domain"],
        variation=said["variation"],
        status=said["status"],
        passed={"yes": True, "no": False}.get(said["passed"]),
        tag=said["tag"],
        since=since,
        until=until,
        before=int(cursor[0]) if cursor else None,
        limit=SIZE + 1,
        blind=hidden_episodes(person(request)),
    )
    context: dict[str, Any] = {
        "page": page_of(listed, SIZE, lambda row: (row.episode.pk,), first=cursor is None),
        "said": said,
        "since": since,
        "until": until,
        "kept": [(name, request.GET[name]) for name in ("from", "to", "run", "tag") if name in request.GET],
        "states": EPISODE_STATES,
        "domains": list(active_releases()),
        "variations": VARIATIONS,
        "sees_scores": sees_scores,
        "filtered": bool(request.GET.keys() - {"after"}),
    }
    return render(request, "monitor/episodes.html", context)


def _moment(request: HttpRequest, name: str) -> datetime | None:
    seconds = _number(request.GET.get(name, ""))
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else None
