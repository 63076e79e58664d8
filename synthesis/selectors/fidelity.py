"""Measurements of simulators."""

from collections.abc import Sequence
from datetime import datetime

from synthesis.models import FidelityReport, FidelityStatus
from synthesis.selectors.jobs import jobs_lost

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
    return jobs_lost(FidelityReport.objects, working=FidelityStatus.MEASURING, now=now, asked_before=asked_before)
