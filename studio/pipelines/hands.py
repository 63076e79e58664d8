"""Whoever does asked-for work where no Celery worker is: a thread for each kind, beside the crews of the serving command."""

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Thread

from django.db import connection
from django.utils import timezone

from judging.selectors import lists, trust
from judging.selectors.canaries import rounds_lost
from judging.selectors.rejudging import rejudgings_lost
from judging.selectors.rubric_trials import trials_lost
from studio.pipelines.audits import audit_run
from studio.pipelines.calibrating import calibration_run
from studio.pipelines.canary_rounds import round_run
from studio.pipelines.endpoints import check_run
from studio.pipelines.evolving import evolution_run
from studio.pipelines.exports import export_job_run
from studio.pipelines.fidelity import fidelity_run
from studio.pipelines.jobs import FindLost
from studio.pipelines.rejudging import rejudge_run
from studio.pipelines.rubric_trials import trial_run
from synthesis.selectors import drafts, endpoints, evolutions, fidelity


class Hand:
    """One piece of work at a time, so that a long one does not keep the serving command from looking after its crews.

    ``find`` looks for what waits; ``work`` does one of it, by its id.
    """

    def __init__(self, name: str, find: FindLost, work: Callable[[int], object]) -> None:
        self.name, self.find, self.work = name, find, work
        self.thread: Thread | None = None

    def waiting(self, now: datetime) -> Sequence[int]:
        """Ids of what nobody does, oldest first."""
        return self.find(now=now, asked_before=now)

    def look(self) -> None:
        """Begin the oldest that waits, unless the hand is full."""
        if self.thread is not None and self.thread.is_alive():
            return
        waiting = self.waiting(timezone.now())
        if waiting:
            self.thread = Thread(target=self._do, args=(waiting[0],), name=self.name, daemon=True)
            self.thread.start()

    def _do(self, which: int) -> None:
        try:
            self.work(which)
        finally:
            connection.close()


def hands() -> list[Hand]:
    """A hand for each kind of work that people wait for."""
    return [
        Hand("export", lists.export_jobs_lost, lambda job_id: export_job_run(job_id=job_id)),
        Hand("fidelity", fidelity.reports_lost, lambda report_id: fidelity_run(report_id=report_id)),
        Hand("audit", drafts.audits_lost, lambda audit_id: audit_run(audit_id=audit_id)),
        Hand("calibration", trust.calibrations_lost, lambda calibration_id: calibration_run(calibration_id=calibration_id)),
        Hand("canaries", rounds_lost, lambda round_id: round_run(round_id=round_id)),
        Hand("evolution", evolutions.evolutions_lost, lambda evolution_id: evolution_run(evolution_id=evolution_id)),
        Hand("check", endpoints.checks_lost, lambda check_id: check_run(check_id=check_id)),
        Hand("trial", trials_lost, lambda trial_id: trial_run(trial_id=trial_id)),
        Hand("judge", rejudgings_lost, lambda rejudging_id: rejudge_run(rejudging_id=rejudging_id)),
    ]
