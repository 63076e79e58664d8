"""Whoever writes asked-for exports where no Celery worker is: one thread beside the crews of the serving command."""

from threading import Thread

from django.db import connection
from django.utils import timezone

from judging.selectors import lists
from studio.pipelines.exports import export_job_run


class ExportHand:
    """One export at a time, so that a long one does not keep the serving command from looking after its crews."""

    def __init__(self) -> None:
        self.thread: Thread | None = None

    def look(self) -> None:
        """Begin the oldest job that waits, unless one is being written."""
        if self.thread is not None and self.thread.is_alive():
            return
        now = timezone.now()
        waiting = lists.export_jobs_lost(now=now, asked_before=now)
        if waiting:
            self.thread = Thread(target=_write, args=(waiting[0],), name="export", daemon=True)
            self.thread.start()


def _write(job_id: int) -> None:
    try:
        export_job_run(job_id=job_id)
    finally:
        connection.close()
