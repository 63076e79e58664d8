"""Measurements of simulators."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from synthesis.models import FidelityReport, FidelityStatus

TEXTS = ("release__pack", "release__pack_text", "release__audit", "release__domain__pack_text")


def report(report_id: int) -> FidelityReport | None:
    """One report with its release and domain, or None."""
    return FidelityReport.objects.select_related("release__domain").defer(*TEXTS).filter(pk=report_id).first()


def reports(
    *, domain: str = "", endpoint: str = "", status: str = "", after: int | None = None, limit: int = 50
) -> Sequence[FidelityReport]:
    """Reports, newest first; "" filters nothing; one query."""
    rows = FidelityReport.objects.select_related("release__domain").defer(*TEXTS)
    wanted = {"release__domain__slug": domain, "endpoint": endpoint, "status": status}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    return list((rows if after is None else rows.filter(pk__lt=after)).order_by("-pk")[:limit])


def reports_lost(*, now: datetime, asked_before: datetime) -> Sequence[int]:
    """Measurements that nobody does although a worker was asked for before ``asked_before``, oldest first."""
    lapsed = Q(status=FidelityStatus.MEASURING, lease_until__lt=now) | Q(status=FidelityStatus.QUEUED)
    return list(FidelityReport.objects.filter(lapsed, asked__lt=asked_before).order_by("pk").values_list("pk", flat=True)[:200])
