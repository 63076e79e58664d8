"""Work that waits for a worker, the same for every kind: rows with ``status``, ``asked`` and ``lease_until``."""

from datetime import datetime
from typing import Any

from django.db.models import Manager, Q, QuerySet

MOST_LOST = 200
"""Of one kind, looked for at once; the next look finds the others."""


def lapsed(working: str, now: datetime) -> Q:
    """Taken by a worker that was silent for longer than its lease; ``working`` is the status of what is taken."""
    return Q(status=working, lease_until__lt=now)


def due(now: datetime) -> Q:
    """Not put off, or only until ``now``."""
    return Q(not_before__isnull=True) | Q(not_before__lte=now)


def jobs_lost(jobs: Manager[Any] | QuerySet[Any], *, working: str, now: datetime, asked_before: datetime) -> list[int]:
    """Ids of ``jobs`` that nobody works on although a worker was asked for before ``asked_before``, oldest first."""
    waiting = Q(status="queued") | lapsed(working, now)
    return list(jobs.filter(waiting, asked__lt=asked_before).order_by("pk").values_list("pk", flat=True)[:MOST_LOST])
