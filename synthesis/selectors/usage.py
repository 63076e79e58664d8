"""What models took: sums of the tally, by endpoint, role, run and day. Money is in millionths of the endpoint's currency."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Max, Sum

from synthesis.models import ModelUsage

SUMS = ("calls", "failures", "prompt_tokens", "completion_tokens", "cached_tokens", "cost", "called_off")


class Took(NamedTuple):
    """Sums over calls."""

    calls: int = 0
    failures: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost: int = 0
    called_off: int = 0

    @property
    def tokens(self) -> int:
        """Asked and answered."""
        return self.prompt_tokens + self.completion_tokens


class Line(NamedTuple):
    """What one thing took: an endpoint's slug, a role or a run's number, in one currency."""

    name: str
    currency: str
    took: Took


def of_day(day: date) -> Mapping[int, Took]:
    """What each endpoint gave on a day, by its key; one query."""
    rows = ModelUsage.objects.filter(day=day).values("endpoint_id").annotate(**_sums())
    return {row["endpoint_id"]: _took(row) for row in rows}


def by_day(since: date, *, currency: str, endpoint: str = "") -> Mapping[date, Took]:
    """What was taken on each day from ``since`` on, of endpoints with that currency; one query."""
    rows = ModelUsage.objects.filter(day__gte=since, endpoint__currency=currency)
    if endpoint:
        rows = rows.filter(endpoint__slug=endpoint)
    return {row["day"]: _took(row) for row in rows.values("day").annotate(**_sums()).order_by("day")}


def by_endpoint(since: date) -> Sequence[Line]:
    """What each endpoint gave from ``since`` on, the dearest first; one query."""
    return _lines(since, "endpoint__slug")


def by_role(since: date, *, endpoint: str = "") -> Sequence[Line]:
    """What each role took, the dearest first; one query."""
    return _lines(since, "role", endpoint)


def by_run(since: date, *, limit: int = 20, endpoint: str = "") -> Sequence[Line]:
    """What runs took, the newest first; what belongs to no run is left out; one query."""
    rows = ModelUsage.objects.filter(day__gte=since, run__isnull=False)
    if endpoint:
        rows = rows.filter(endpoint__slug=endpoint)
    found = rows.values("run_id", "endpoint__currency").annotate(**_sums(), newest=Max("run_id")).order_by("-newest")[:limit]
    return [Line(str(row["run_id"]), row["endpoint__currency"], _took(row)) for row in found]


def of_runs(run_ids: Sequence[int]) -> Mapping[int, Sequence[Line]]:
    """What each of these runs took in all, by currency; one query."""
    found: dict[int, list[Line]] = {}
    rows = ModelUsage.objects.filter(run_id__in=run_ids).values("run_id", "endpoint__currency").annotate(**_sums())
    for row in rows.order_by("run_id", "endpoint__currency"):
        found.setdefault(row["run_id"], []).append(Line(str(row["run_id"]), row["endpoint__currency"], _took(row)))
    return found


def of_all_runs() -> Sequence[Line]:
    """What all runs took together, by currency, the dearest first; what belongs to no run is left out; one query."""
    rows = ModelUsage.objects.filter(run__isnull=False).order_by().values("endpoint__currency").annotate(**_sums())
    found = [Line("", row["endpoint__currency"], _took(row)) for row in rows]
    return sorted(found, key=lambda line: (-line.took.cost, line.currency))


def currencies() -> Sequence[str]:
    """The currencies in which anything was paid, sorted."""
    return sorted(ModelUsage.objects.order_by().values_list("endpoint__currency", flat=True).distinct())


def _lines(since: date, column: str, endpoint: str = "") -> list[Line]:
    rows = ModelUsage.objects.filter(day__gte=since)
    if endpoint:
        rows = rows.filter(endpoint__slug=endpoint)
    found = rows.values(column, "endpoint__currency").annotate(**_sums()).order_by("-sum_cost", column)
    return [Line(row[column], row["endpoint__currency"], _took(row)) for row in found]


def _sums() -> dict[str, Sum]:
    return {f"sum_{name}": Sum(name) for name in SUMS}


def _took(row: Mapping[str, Any]) -> Took:
    return Took(*(row[f"sum_{name}"] for name in SUMS))
