"""The monitor: is the studio making what it should, at the pace and of the quality it should, and what does the data suggest."""

from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from judging.selectors import monitor as judging
from judging.selectors.monitor import Scores
from judging.selectors.review_overview import backlog
from studio.access.doors import allow, person
from studio.access.permissions import can
from studio.pipelines import space, suggestions
from studio.pipelines.workers import queues, workers
from studio.web.monitor.costs import costs
from studio.web.monitor.windows import WINDOWS, Steps, steps_of, window_of
from studio.web.series import series, strokes
from synthesis.selectors import monitor as synthesis
from synthesis.selectors.runs import last_slice_started

DAY = 86_400
TARGET = 10_000
"""Episodes a day that the studio is meant to make."""
GOOD = 4.5
LEAST_SCORE = 0.0
BEST_SCORE = 5.0


@allow("monitor.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/monitor/``: ``?window=hour|day|week|month``, ``?domain=`` for the scores of one."""
    now = timezone.now()
    steps = steps_of(window_of(request), now)
    domain = request.GET.get("domain", "")[:80].replace("\x00", "")
    context: dict[str, Any] = {
        "windows": WINDOWS,
        "window": steps.window,
        "domain": domain,
        "now": now,
        "since": int(steps.since.timestamp()),
    }
    context |= _throughput(steps, now) | _quality(steps, domain) | _machine(steps, now)
    context |= costs(steps, names=can(person(request), "models.view"))
    context["suggestions"] = suggestions.suggest()
    context["may_control"] = can(person(request), "runs.control")
    return render(request, "monitor/index.html", context)


def _throughput(steps: Steps, now: datetime) -> dict[str, Any]:
    ended = synthesis.ended_by_step(steps.since, steps.window.step)
    values = [ended[number].episodes if number in ended else 0 for number in steps.numbers]
    seconds = max(1.0, (now - steps.since).total_seconds())
    episodes, events = sum(values), sum(found.events for found in ended.values())
    return {
        "throughput": series(steps.labels(), values, steps.urls(), target=TARGET * steps.window.step / DAY),
        "episodes": episodes,
        "per_day": episodes * DAY / seconds,
        "per_hour": episodes * 3600 / seconds,
        "of_target": episodes * DAY / seconds / TARGET,
        "target": TARGET,
        "events_a_second": events / seconds,
    }


class Line(NamedTuple):
    """A domain of the table: its scores, its mean over time as strokes, the list behind it, and the page with it alone."""

    domain: str
    scores: Scores
    strokes: list[str]
    url: str
    here: str


def _quality(steps: Steps, domain: str) -> dict[str, Any]:
    by_step = judging.scores_by_step(steps.since, steps.window.step, domain)
    found = [by_step.get(number) for number in steps.numbers]
    more = {"domain": domain} if domain else {}
    labels, urls = steps.labels(), steps.urls(**more)
    means = judging.means_by_domain(steps.since, steps.window.step)
    base, here = reverse("monitor:episodes"), reverse("monitor:index")
    since = int(steps.since.timestamp())
    return {
        "scores": judging.scores_since(steps.since),
        "good": GOOD,
        "mean_chart": series(labels, [row.mean if row else None for row in found], urls, digits=1, top=BEST_SCORE, target=GOOD),
        "pass_chart": series(labels, [100 * row.passed / row.judged if row else None for row in found], urls, top=100),
        "domains": [
            Line(
                name,
                scores,
                strokes([means.get(name, {}).get(number) for number in steps.numbers], BEST_SCORE, LEAST_SCORE),
                f"{base}?domain={name}&from={since}",
                f"{here}?window={steps.window.name}&domain={name}",
            )
            for name, scores in judging.scores_by_domain(steps.since).items()
        ],
        "blames": judging.blames_since(steps.since),
    }


def _machine(steps: Steps, now: datetime) -> dict[str, Any]:
    return {
        "tools": synthesis.tools_by_errors(),
        "workers": workers(now),
        "queues": queues(now),
        "waiting": synthesis.waiting(),
        "last_claim": last_slice_started(),
        "losses": synthesis.losses(steps.since),
        "failures": synthesis.failures(steps.since),
        "backlog": backlog(),
        "disk": space.disk(),
        "words": {"failed": _("failed"), "unfilled": _("without scenario")},
    }
