"""Usage and cost: by day, endpoint, role and run, and what an accepted episode costs."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from judging.selectors.accepted import accepted_by_run
from studio.access.doors import allow
from studio.web.areas import tabs
from studio.web.models.frame import MILLION, TABS, money
from studio.web.models.words import ROLES
from studio.web.series import Series, ceiling, series
from synthesis.selectors import endpoints, usage
from synthesis.selectors.usage import Line, Took

WINDOWS = {"week": (_("Last 7 days"), 7), "month": (_("Last 30 days"), 30), "quarter": (_("Last 90 days"), 90)}
KINDS: dict[str, str | Promise] = {"cost": _("Cost"), "tokens": _("Tokens"), "calls": _("Calls")}
RUNS = 20


class Shown(NamedTuple):
    """A line of a table: its name, the page behind it, what it took, in money; per accepted episode where that is known."""

    name: str | Promise
    url: str
    took: Took
    cost: str
    accepted: int | None = None
    each: str = ""


@allow("models.view")
@require_safe
def spent(request: HttpRequest) -> HttpResponse:
    """``/models/usage/``: ``?window=week|month|quarter``, ``?by=cost|tokens|calls``, ``?currency=``, ``?endpoint=``."""
    window = request.GET.get("window") if request.GET.get("window") in WINDOWS else "month"
    by = request.GET.get("by") if request.GET.get("by") in KINDS else "cost"
    money_of = usage.currencies()
    currency = request.GET.get("currency", "")
    currency = currency if currency in money_of else (money_of[0] if money_of else "USD")
    row = endpoints.endpoint_get(request.GET.get("endpoint", "")[:80].replace("\x00", ""))
    slug = row.slug if row else ""
    days = WINDOWS[str(window)][1]
    since = timezone.now().date() - timedelta(days=days - 1)
    daily = usage.by_day(since, currency=currency, endpoint=slug)
    labels, values = _daily(daily, since, days, str(by))
    context: dict[str, Any] = {
        "tabs": tabs(request, TABS),
        "window": window,
        "windows": [(name, words) for name, (words, _days) in WINDOWS.items()],
        "by": by,
        "kinds": KINDS.items(),
        "currency": currency,
        "currencies": money_of,
        "endpoint": slug,
        "unit": currency if by == "cost" else KINDS[str(by)],
        "chart": _chart(labels, values, str(by)),
        "endpoints": [
            Shown(line.name, reverse("models:endpoint", args=[line.name]), line.took, money(line.took.cost, line.currency))
            for line in usage.by_endpoint(since)
        ],
        "roles": [
            Shown(ROLES.get(line.name, line.name), "", line.took, money(line.took.cost, line.currency))
            for line in usage.by_role(since, endpoint=slug)
        ],
    }
    return render(request, "models/usage.html", context | _runs(usage.by_run(since, limit=RUNS, endpoint=slug)))


def _daily(daily: Mapping[date, Took], since: date, days: int, by: str) -> tuple[list[str], list[float | None]]:
    """Every day's name and number; a day without calls has 0."""
    dates = [since + timedelta(days=number) for number in range(days)]
    took = [daily.get(day, Took()) for day in dates]
    labels = [dateformat.format(day, str(_("j M"))) for day in dates]
    return labels, [one.cost / MILLION if by == "cost" else float(getattr(one, by)) for one in took]


def _chart(labels: list[str], values: list[float | None], by: str) -> Series:
    """A series whose axis fits sums below one unit of money too."""
    most = max(value or 0 for value in values)
    if by == "cost" and 0 < most < 1:
        return series(labels, values, [""] * len(labels), digits=4, top=ceiling(most * MILLION) / MILLION)
    return series(labels, values, [""] * len(labels), digits=2 if by == "cost" else 0)


def _runs(lines: Sequence[Line]) -> dict[str, Any]:
    """Runs with what they took in this window, and what an accepted episode of them cost in all."""
    numbers = list({int(line.name) for line in lines})
    accepted, whole = accepted_by_run(numbers), usage.of_runs(numbers)
    shown, total, kept = [], 0, 0
    for line in lines:
        run = int(line.name)
        cost = sum(one.took.cost for one in whole.get(run, []) if one.currency == line.currency)
        good = accepted.get(run, 0)
        each = money(cost / good, line.currency) if good else ""
        shown.append(Shown(line.name, reverse("runs:run", args=[run]), line.took, money(line.took.cost, line.currency), good, each))
        total, kept = total + cost, kept + good
    one_currency = len({line.currency for line in lines}) == 1
    headline = money(total / kept, lines[0].currency) if kept and one_currency else ""
    return {"runs": shown, "headline": headline, "accepted": kept}
