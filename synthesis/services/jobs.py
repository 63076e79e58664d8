"""Work that is asked for at a door and done by whichever worker comes first: what is the same for every kind of it.

A job is a row with ``status`` ("queued", a word of its own while a worker has it, "failed" and others), ``asked``, ``lease_until`` and a
number that every taking raises. Whoever took it writes under that number alone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Manager, Q, QuerySet

from synthesis.selectors.jobs import due, lapsed


def jobs_asked(*, jobs: Manager[Any], ids: Sequence[int], now: datetime) -> None:
    """Note that workers were asked for once more."""
    jobs.filter(pk__in=ids).update(asked=now)


def job_take(*, job: QuerySet[Any], working: str, lease: timedelta, now: datetime, most: int, lost: str, **new: Any) -> int:
    """The number of this attempt when the job is the caller's until the lease ends; 0 when it is somebody else's, over, or gone.

    ``job``: the row by its key; ``new``: other columns that a taking sets. One that was taken ``most`` times without an end fails here,
    with ``lost`` as its error.
    """
    with transaction.atomic():
        job.filter(lapsed(working, now), attempts__gte=most).update(status="failed", error=lost, finished=now, lease_until=None)
        mine = job.filter(lapsed(working, now) | Q(status="queued"))
        taken = mine.update(status=working, lease_until=now + lease, attempts=F("attempts") + 1, **new)
        return int(job.values_list("attempts", flat=True).get()) if taken else 0


def job_take_due(*, job: QuerySet[Any], working: str, lease: timedelta, now: datetime) -> int:
    """The caller's epoch when the job, which may be put off, is the caller's until the lease ends; 0 when it is somebody else's, nobody's
    yet, over, or gone. Nobody counts its takings: it is never given up.
    """
    with transaction.atomic():
        mine = job.filter(lapsed(working, now) | Q(status="queued"), due(now))
        taken = mine.update(status=working, lease_until=now + lease, not_before=None, epoch=F("epoch") + 1)
        return int(job.values_list("epoch", flat=True).get()) if taken else 0
