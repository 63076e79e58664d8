"""The only module that enqueues Celery work: by task name, with ids, after commit.

A message is a hint. When the broker cannot be reached the failure is logged and forgotten: the tick asks again.
"""

import logging
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from django.utils import timezone

from synthesis.services.leases import slice_withdraw

logger = logging.getLogger(__name__)

SLICE = "studio.workers.simulate.play_slice"
EXPORT = "studio.workers.export.export_run"
EXPORT_JOB = "studio.workers.export.export_job"
AUDIT = "studio.workers.author.audit_draft"
CALIBRATE = "studio.workers.calibrate.calibrate_judge"
CANARIES = "studio.workers.calibrate.judge_canaries"
FIDELITY = "studio.workers.author.measure_fidelity"
EVOLVE = "studio.workers.author.evolve"
ENDPOINT_CHECK = "studio.workers.author.check_endpoint"
REJUDGE = "studio.workers.judge.rejudge"
TRIAL = "studio.workers.judge.try_rubric"


def slice_enqueue(slice_id: int) -> None:
    """Ask for a slice that was noted in the database.

    When the broker cannot be reached the note is taken back, so that the next tick asks again.
    """

    def send() -> None:
        if not _send(SLICE, "simulate", slice_id):
            slice_withdraw(slice_id=slice_id, now=timezone.now())

    transaction.on_commit(send)


def export_enqueue(run_id: int) -> None:
    """Ask for the files of a finished run."""
    transaction.on_commit(partial(_send, EXPORT, "export", run_id))


def export_job_enqueue(job_id: int) -> None:
    """Ask for the files that somebody wants; the tick asks again for those that nobody wrote."""
    transaction.on_commit(partial(_send, EXPORT_JOB, "export", job_id))


def messages_waiting() -> dict[str, int] | None:
    """How many messages lie in each queue; None when the broker cannot be reached. May wait long for one that swallows packets."""
    try:
        with current_app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
            channel = connection.default_channel
            # Declared as a worker would declare it: a queue that nobody has used yet is empty, not an error.
            queues: dict[str, Any] = current_app.amqp.queues
            return {name: int(queue(channel).queue_declare().message_count) for name, queue in queues.items()}
    except Exception as error:  # noqa: BLE001 - each transport has its own exceptions, and all of them mean the same here
        logger.warning("the broker does not answer: %s", type(error).__name__)
        return None


def broker_answers() -> bool:
    """Whether the broker can be reached. May wait long for one that swallows packets."""
    try:
        with current_app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
            return bool(connection.default_channel)
    except Exception as error:  # noqa: BLE001 - each transport has its own exceptions, and all of them mean the same here
        logger.warning("the broker does not answer: %s", type(error).__name__)
        return False


def audit_enqueue(audit_id: int) -> None:
    """Ask for an audit of a draft; the tick asks again for those that nobody did."""
    transaction.on_commit(partial(_send, AUDIT, "author", audit_id))


def calibration_enqueue(calibration_id: int) -> None:
    """Ask for a calibration; the tick asks again for those that nobody did."""
    transaction.on_commit(partial(_send, CALIBRATE, "judge", calibration_id))


def canaries_enqueue(round_id: int) -> None:
    """Ask for a canary round; the tick asks again for those that nobody did."""
    transaction.on_commit(partial(_send, CANARIES, "judge", round_id))


def endpoint_check_enqueue(check_id: int) -> None:
    """Ask for a self-check of an endpoint; the tick asks again for those that nobody made."""
    transaction.on_commit(partial(_send, ENDPOINT_CHECK, "author", check_id))


def fidelity_enqueue(report_id: int) -> None:
    """Ask for the measurement of a simulator; the tick asks again for those that nobody did."""
    transaction.on_commit(partial(_send, FIDELITY, "author", report_id))


def evolution_enqueue(evolution_id: int) -> None:
    """Ask for work on an evolution; the tick asks again for those on which nobody works."""
    transaction.on_commit(partial(_send, EVOLVE, "author", evolution_id))


def rejudging_enqueue(rejudging_id: int) -> None:
    """Ask for episodes to be judged again; the tick asks again for those that nobody judges."""
    transaction.on_commit(partial(_send, REJUDGE, "judge", rejudging_id))


def trial_enqueue(trial_id: int) -> None:
    """Ask for a rubric to be tried; the tick asks again for those that nobody tries."""
    transaction.on_commit(partial(_send, TRIAL, "judge", trial_id))


def _send(name: str, queue: str, *ids: int) -> bool:
    try:
        current_app.send_task(name, args=ids, queue=queue, ignore_result=True)
        return True
    except Exception as error:  # noqa: BLE001 - each transport has its own exceptions, and none of them may stop the caller
        logger.warning("could not enqueue %s%s, the next tick will: %s", name, ids, error)
        return False
