"""Figures about judging and exports, for whoever watches the studio from outside."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Min, Q, Sum

from judging.models import ExportJob, ExportJobStatus, Judgement, ReviewSlot, SlotState

EDGES = (1.0, 2.0, 3.0, 4.0, 4.5, 5.0)
"""Upper edges of the classes of scores."""


class JudgeFigures(NamedTuple):
    """What one kind of judge found: judgements that passed, failed, or are the judge's own failures; scores up to each edge."""

    judge: str
    passed: int
    failed: int
    errors: int
    up_to: dict[float, int]
    scores: int
    total: float


def judge_figures() -> list[JudgeFigures]:
    """One query over the judgements."""
    classes = {f"up_to_{position}": Count("pk", filter=Q(overall__lte=edge)) for position, edge in enumerate(EDGES)}
    rows: Any = (
        Judgement.objects.order_by("judge")
        .values("judge")
        .annotate(
            good=Count("pk", filter=Q(passed=True, error="")),
            bad=Count("pk", filter=Q(passed=False, error="")),
            faulty=Count("pk", filter=~Q(error="")),
            scored=Count("overall"),
            total=Sum("overall"),
            **classes,
        )
    )
    return [
        JudgeFigures(
            judge=row["judge"],
            passed=row["good"],
            failed=row["bad"],
            errors=row["faulty"],
            up_to={edge: row[f"up_to_{position}"] for position, edge in enumerate(EDGES)},
            scores=row["scored"],
            total=row["total"] or 0.0,
        )
        for row in rows
    ]


def export_jobs_by_status() -> dict[str, int]:
    """How many asked-for exports stand where; every status is a key."""
    return dict.fromkeys(ExportJobStatus.values, 0) | dict(ExportJob.objects.order_by().values_list("status").annotate(n=Count("pk")))


def review_slots_by_state() -> dict[str, int]:
    """How many places for a reviewer stand where; every state is a key. The free ones are the backlog."""
    return dict.fromkeys(SlotState.values, 0) | dict(
        ReviewSlot.objects.filter(item__probe="").order_by().values_list("state").annotate(n=Count("pk"))
    )


def export_waiting_since() -> datetime | None:
    """When the oldest export that nobody has begun was asked for."""
    oldest: datetime | None = ExportJob.objects.filter(status=ExportJobStatus.QUEUED).aggregate(oldest=Min("created"))["oldest"]
    return oldest
