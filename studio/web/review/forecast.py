"""What the rules of a queue lead to, told before they are saved."""

from collections.abc import Mapping
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from judging.engine.routing import Shares, expected
from judging.models.review_queue import LIMITS
from judging.selectors import review_overview as overview
from judging.selectors import reviews
from judging.selectors.routing import rates_of
from studio.access.doors import allow

SAMPLE_RUN = 1_000
"""Episodes of the run that is reckoned with."""
STRATA: dict[str, str | Promise] = {
    "disagree": _("judges disagree"),
    "fail": _("failed"),
    "unsure": _("low score"),
    "release": _("new release"),
    "pass": _("random passes"),
}
NUMBERS = (
    "fail_share", "pass_share", "most_per_run", "disagree_share", "unsure_share", "unsure_below", "new_release_share", "random_share",
    "overlap",
)  # fmt: skip
"""Fields that a forecast needs."""


class Forecast(NamedTuple):
    """What a run of ``episodes`` sends by stratum, if they come out as the newest ``sample`` did (``percent`` failed).

    Items, and hours of people at ``minutes`` a review; the hours of a week like the last one (None: nothing was judged in it).
    """

    episodes: int
    sample: int
    percent: int
    strata: list[tuple[str | Promise, int]]
    items: int
    minutes: float
    hours: float
    week_hours: float | None


def forecast(values: Mapping[str, float], minutes: float) -> Forecast:
    """The forecast of rules (``NUMBERS``)."""
    now = timezone.now()
    shares = Shares(
        values["fail_share"], values["pass_share"], int(values["most_per_run"]), values["disagree_share"], values["unsure_share"],
        values["new_release_share"], values["random_share"],
    )  # fmt: skip
    found = rates_of(shares, values["unsure_below"], now)
    sent = expected(SAMPLE_RUN, found.rates, shares)
    items = sum(sent.values())
    hours = items * values["overlap"] * minutes / 60
    strata = [(STRATA[name], number) for name, number in sent.items() if number]
    week = hours * found.week / SAMPLE_RUN if found.week else None
    return Forecast(SAMPLE_RUN, found.sample, round(100 * found.failed), strata, items, minutes, hours, week)


@allow("review.manage")
@require_safe
def forecast_fragment(request: HttpRequest) -> HttpResponse:
    """What the form says so far; the list of queues for everybody but htmx. ``queue`` names the one whose pace counts."""
    if request.headers.get("HX-Request") != "true":
        return redirect("review:manage")
    queue = reviews.queue_get(request.GET.get("queue", ""))
    minutes = overview.minutes_a_review(queue) if queue else overview.USUAL_MINUTES
    values = numbers_of(request.GET)
    return render(request, "review/forecast.html", {"forecast": forecast(values, minutes) if values else None})


def numbers_of(fields: Mapping[str, str]) -> dict[str, float] | None:
    """The numbers of the form; None while one of them is none or beyond its limits."""
    try:
        values = {name: float(fields.get(name, "")) for name in NUMBERS}
    except ValueError:
        return None
    return values if all(LIMITS[name][0] <= value <= LIMITS[name][1] for name, value in values.items()) else None
