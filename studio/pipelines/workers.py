"""Who is at work now, and what waits in which queue."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings

from judging.selectors.measures import export_jobs_by_status, export_waiting_since
from studio import queue
from studio.pipelines.attend import has_broker
from synthesis.selectors.measures import slices_by_status, waiting_since
from synthesis.selectors.monitor import slices_now


class Worker(NamedTuple):
    """A slice at work: its run, the process, since when, and when that last said it lives."""

    run_id: int
    name: str
    since: datetime | None
    heartbeat: datetime


class Queued(NamedTuple):
    """A kind of work: how many jobs are asked for, since when the oldest waits, and what the broker says it holds (None: it holds none)."""

    name: str
    jobs: int
    since: datetime | None
    messages: int | None


def workers(now: datetime) -> list[Worker]:
    """Slices at work. The last heartbeat is told by the lease: each one sets it to the full length again."""
    lease = timedelta(seconds=settings.STUDIO_LEASE_SECONDS)
    return [Worker(row.run_id, row.worker, row.started, row.lease_until - lease) for row in slices_now(now)]


def queues(now: datetime) -> list[Queued]:
    """Work that waits: slices that were asked for, and exports."""
    messages = (queue.messages_waiting() or {}) if has_broker() else {}
    exports = export_jobs_by_status()
    return [
        Queued("simulate", slices_by_status()["asked"], waiting_since(now), messages.get("simulate")),
        Queued("export", exports["queued"] + exports["writing"], export_waiting_since(), messages.get("export")),
    ]
