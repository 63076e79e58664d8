"""Do people agree? Counted by the database: many thousand reviews become a few dozen patterns before they are read.

Only sealed, blind answers count, each person's first one, before anything was shown to them; probes are left out.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case, Count, F, Max, Min, QuerySet, Sum, Value, When

from judging.engine.statistics.agreement import Unit, alpha, items_in, pairs_in, raw_share
from judging.engine.statistics.result import Result
from judging.models import Adjudication, Criterion, ReviewMode, ReviewQueue, ReviewState, RubricVersion, Verdict

BASE = 32
"""One more than the most people that answer one item: patterns are numbers in this base, a digit for each value."""
VALUES = range(6)


class Scope(NamedTuple):
    """Which answers are looked at: under one version of a rubric, in one queue or all, sealed since a moment or ever."""

    version: RubricVersion
    queue: ReviewQueue | None = None
    since: datetime | None = None


class CriterionAgreement(NamedTuple):
    """How people agree on one criterion: alpha of values as names and as ranks, the share of equal pairs, items and pairs counted,
    and how often the question was found ambiguous.
    """

    criterion: Criterion
    nominal: Result
    ordinal: Result
    share: Result
    items: int
    pairs: int
    ambiguous: int


class DisputedItem(NamedTuple):
    """An item on which people are far apart: its episode, how many answered, the lowest and the highest value."""

    item: int
    episode: int
    run: int
    place: int
    people: int
    low: int
    high: int


def _answers(scope: Scope) -> QuerySet[Verdict]:
    rows = Verdict.objects.filter(
        review__state=ReviewState.SEALED,
        review__revises__isnull=True,
        review__item__probe="",
        review__item__queue__mode=ReviewMode.BLIND,
        criterion__version=scope.version,
        answered=True,
        value__isnull=False,
    )
    if scope.queue is not None:
        rows = rows.filter(review__item__queue=scope.queue)
    return rows if scope.since is None else rows.filter(review__sealed__gte=scope.since)


def agreement(scope: Scope) -> list[CriterionAgreement]:
    """Every criterion of the version in its order; three queries."""
    criteria = list(Criterion.objects.filter(version=scope.version).order_by("position"))
    units = _units(scope)
    ambiguous = _ambiguous(scope)
    return [_of(criterion, units.get(criterion.pk, {}), ambiguous.get(criterion.pk, 0)) for criterion in criteria]


def _of(criterion: Criterion, units: dict[Unit, int], ambiguous: int) -> CriterionAgreement:
    nominal, ordinal = alpha(units, "nominal"), alpha(units, "ordinal")
    return CriterionAgreement(criterion, nominal, ordinal, raw_share(units), items_in(units), pairs_in(units), ambiguous)


def _units(scope: Scope) -> dict[int, dict[Unit, int]]:
    """Patterns of answers by criterion. The inner query makes one number of an item's answers, the outer one counts equal numbers."""
    digit = Case(*[When(value=value, then=Value(BASE**value)) for value in VALUES])
    inner = _answers(scope).order_by().values_list("criterion_id", "review__item_id").annotate(code=Sum(digit))
    sql, parameters = inner.query.sql_with_params()
    counted = f"SELECT criterion_id, code, COUNT(*) FROM ({sql}) AS items GROUP BY criterion_id, code"  # noqa: S608 - Django's own SQL
    with connection.cursor() as cursor:
        cursor.execute(counted, parameters)
        rows = cursor.fetchall()
    found: dict[int, dict[Unit, int]] = {}
    for criterion, code, number in rows:
        found.setdefault(criterion, {})[_unit(int(code))] = number
    return found


def _unit(code: int) -> Unit:
    values: list[int] = []
    for value in VALUES:
        code, people = divmod(code, BASE)
        values += [value] * people
    return tuple(values)


def _ambiguous(scope: Scope) -> dict[int, int]:
    rows = Adjudication.objects.filter(criterion__version=scope.version, current=True, outcome="ambiguous")
    if scope.queue is not None:
        rows = rows.filter(item__queue=scope.queue)
    return dict(rows.order_by().values_list("criterion_id").annotate(n=Count("pk")))


def disputed(scope: Scope, criterion: Criterion, limit: int = 20) -> list[DisputedItem]:
    """The items on which people are furthest apart in one criterion; one query."""
    rows = _answers(scope).filter(criterion=criterion).order_by()
    counted = rows.values_list(
        "review__item_id", "review__item__episode_id", "review__item__episode__run_id", "review__item__episode__index"
    )
    spread = counted.annotate(people=Count("pk"), low=Min("value"), high=Max("value")).filter(high__gt=F("low"))
    ordered = spread.annotate(apart=F("high") - F("low")).order_by("-apart", "-review__item_id")
    return [DisputedItem(*row[:7]) for row in ordered[:limit]]


def criterion_of(scope: Scope, slug: str) -> Criterion | None:
    """A criterion of the version, or None."""
    return Criterion.objects.filter(version=scope.version, slug=slug).first()


def reviewed_versions() -> Sequence[RubricVersion]:
    """Versions of rubrics that queues ask for, newest first."""
    rows: Any = RubricVersion.objects.filter(pk__in=ReviewQueue.objects.values("rubric_version")).select_related("rubric").defer("body")
    return list(rows.order_by("-pk"))
