"""How people agree, criterion by criterion."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from judging.selectors import agreement as people
from judging.selectors import reviews
from judging.selectors.confirmations import kept_of, progress_of
from studio.access.blindness import hidden_episodes
from studio.access.doors import allow, person
from studio.web.areas import tabs
from studio.web.judges.words import Told, told
from studio.web.review.tabs import TABS

WINDOWS = (("", _("ever"), None), ("90", _("last 90 days"), 90), ("30", _("last 30 days"), 30), ("7", _("last 7 days"), 7))


class Line(NamedTuple):
    """One criterion, told."""

    row: people.CriterionAgreement
    nominal: Told
    ordinal: Told
    share: Told


@allow("judgements.view")
@require_safe
def agreement(request: HttpRequest) -> HttpResponse:
    """``/judges/agreement/?version=&queue=&days=&criterion=``."""
    versions, queues = people.reviewed_versions(), reviews.queues()
    version = next((v for v in versions if str(v.pk) == request.GET.get("version")), versions[0] if versions else None)
    queue = next((q for q in queues if q.slug == request.GET.get("queue")), None)
    if queue is not None:
        version = next((v for v in versions if v.pk == queue.rubric_version_id), version)
    window = next((w for w in WINDOWS if w[0] == request.GET.get("days", "")), WINDOWS[0])
    context: dict[str, Any] = {
        "tabs": tabs(request, TABS),
        "versions": versions,
        "queues": queues,
        "version": version,
        "queue": queue,
        "windows": WINDOWS,
    }
    if version is not None:
        since = timezone.now() - timedelta(days=window[2]) if window[2] else None
        scope = people.Scope(version, queue, since)
        lines = [Line(r, told(r.nominal, share=False), told(r.ordinal, share=False), told(r.share)) for r in people.agreement(scope)]
        criterion = people.criterion_of(scope, request.GET.get("criterion", "").replace("\x00", "")) if "criterion" in request.GET else None
        hidden = set(hidden_episodes(person(request)))
        context |= {
            "lines": lines,
            "window": window,
            "criterion": criterion,
            "confirmations": progress_of(version=version),
            "kept": kept_of(version),
            "disputed": [row for row in people.disputed(scope, criterion) if row.episode not in hidden] if criterion else [],
        }
    return render(request, "judges/agreement.html", context)
