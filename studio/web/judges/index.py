"""Every judge that has judged something, and how far each can be trusted."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from judging.selectors import trust
from studio.access.doors import allow
from studio.web.areas import tabs
from studio.web.judges.words import KINDS, told_badge
from studio.web.review.tabs import TABS


@allow("judgements.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/judges/``: judge versions with their badges."""
    rows = trust.judge_versions()
    badges = trust.badges([row.judge_version for row in rows])
    lines = [(row, KINDS.get(row.judge, row.judge), told_badge(badges[row.judge_version])) for row in rows]
    return render(request, "judges/index.html", {"tabs": tabs(request, TABS), "lines": lines})
