"""What a run needs next. Everything here is safe to call again, at any time, by anybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from studio import broadcast, queue
from studio.pipelines.files import write_files
from studio.pipelines.recalibrating import recalibrate
from synthesis.selectors import runs
from synthesis.services import leases
from synthesis.services.gate import reservations_of_the_dead
from synthesis.services.runs import run_count, run_finish

TICK_LOCK = 0x5D10_71C4
"""Key of the advisory lock that keeps two beats from doing double work."""
ASKED_PATIENCE = timedelta(seconds=60)
"""How long an asked-for slice may wait for a worker before it counts as lost."""


def advance(*, run_id: int, workers_elsewhere: bool = True) -> str:
    """Start what the run is missing; close it when all its episodes are done. Returns the run's status ("gone" when there is no such run).

    ``workers_elsewhere`` False: slices are not asked for, since somebody plays them already (the embedded set-up).
    """
    run = runs.run_get(run_id)
    if run is None:
        return "gone"
    if run.status != "running":
        return str(run.status)
    now = timezone.now()
    if run_finish(run_id=run_id, now=now):
        recalibrate(run)
        broadcast.hint(f"run:{run_id}")
        if workers_elsewhere and run.options.get("export"):
            queue.export_enqueue(run_id)
        return "finished"
    missing = run.concurrency - runs.slices_alive(run_id, now) if workers_elsewhere else 0
    if missing > 0 and not runs.rest_of(run_id, now):
        for _ in range(missing):
            queue.slice_enqueue(leases.slice_ask(run_id=run_id, patience=ASKED_PATIENCE, now=now))
    return "running"


def tick(*, workers_elsewhere: bool = True) -> list[int]:
    """Look after every run under way: lapsed slices, counts, missing slices, the end.

    Returns the runs looked after; none when another tick is at it.
    """
    with _alone() as mine:
        if not mine:
            return []
        leases.slices_expire(now=timezone.now())
        reservations_of_the_dead(now=timezone.now())
        under_way = runs.runs_under_way()
        for run_id in under_way:
            run_count(run_id=run_id)
            broadcast.hint(f"run:{run_id}")
            advance(run_id=run_id, workers_elsewhere=workers_elsewhere)
        return under_way


def export(*, run_id: int) -> dict[str, str]:
    """Write the files of a finished run to where it asked for them; format to path."""
    run = runs.run_get(run_id)
    if run is None or run.status != "finished":
        return {}
    return write_files(run)


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether we are the only tick. On SQLite every statement is conditional and cheap, so two may run."""
    if connection.vendor != "postgresql":
        yield True
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [TICK_LOCK])
        mine = bool(cursor.fetchone()[0])
        try:
            yield mine
        finally:
            if mine:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [TICK_LOCK])
