"""Measurements of simulators: asked for at a door, done by whichever worker comes first, kept call by call."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from synthesis.engine.environments.measuring import Measured
from synthesis.models import FidelityReport, FidelityStatus, ModelEndpoint, Release
from synthesis.services.jobs import job_take

MOST_ATTEMPTS = 5
"""A measurement whose worker died that often has failed."""
MOST_CALLS = 2_000


class FidelityRefused(ValueError):
    """A measurement that cannot be made. The text says why."""


def fidelity_ask(
    *, release: Release, endpoint: ModelEndpoint, prompt: str, calls: int, seed: int, asked_by: str, now: datetime
) -> FidelityReport:
    """Note that a simulator is to be measured. Raises FidelityRefused."""
    if not 1 <= calls <= MOST_CALLS:
        raise FidelityRefused(f"Give a number of calls from 1 to {MOST_CALLS:,}.")
    if not endpoint.active:
        raise FidelityRefused(f"The endpoint {endpoint.slug} is not in use.")
    return FidelityReport.objects.create(
        release=release,
        endpoint=endpoint.slug,
        model=endpoint.model,
        currency=endpoint.currency,
        prompt=prompt,
        seed=seed,
        wanted=calls,
        asked_by=asked_by[:150],
        created=now,
        asked=now,
    )


def fidelity_take(*, report_id: int, lease: timedelta, now: datetime) -> int:
    """The number of this attempt when the measurement is the caller's until the lease ends; 0 when it is somebody else's or over.

    One that was taken MOST_ATTEMPTS times without an end fails here.
    """
    job, lost = FidelityReport.objects.filter(pk=report_id), "The workers that did it were lost."
    return job_take(job=job, working=FidelityStatus.MEASURING, lease=lease, now=now, most=MOST_ATTEMPTS, lost=lost)


def fidelity_go_on(*, report_id: int, attempt: int, measured: Measured, lease: timedelta, now: datetime) -> bool:
    """Keep what was measured and the lease. False when it is the caller's no more: then there is no use in going on."""
    return bool(_mine(report_id, attempt).update(lease_until=now + lease, **_kept(measured)))


def fidelity_done(*, report_id: int, attempt: int, measured: Measured, now: datetime) -> bool:
    """Close it with what was measured. False when it is the caller's no more."""
    return bool(_mine(report_id, attempt).update(status=FidelityStatus.DONE, finished=now, lease_until=None, **_kept(measured)))


def fidelity_failed(*, report_id: int, attempt: int, error: str, now: datetime) -> None:
    """It ends early, and ``error`` says why; what was measured stays."""
    _mine(report_id, attempt).update(status=FidelityStatus.FAILED, error=error[:2000] or "unknown", finished=now, lease_until=None)


def _mine(report_id: int, attempt: int) -> QuerySet[FidelityReport]:
    return FidelityReport.objects.filter(pk=report_id, status=FidelityStatus.MEASURING, attempts=attempt)


def _kept(measured: Measured) -> dict[str, Any]:
    return {"measured": measured, "calls": measured.calls, "cost": measured.usage.cost}
