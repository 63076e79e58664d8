"""Exports on request: asked for at a door, written by a worker, asked for again by the tick when a message was lost."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.filters import Rule
from judging.models import Dataset, DatasetVersion, Export, ExportJob
from judging.selectors import lists
from judging.services.datasets import dataset_save
from judging.services.export_jobs import (
    dataset_job_create,
    export_job_create,
    export_job_done,
    export_job_failed,
    export_job_take,
    export_job_write,
)
from judging.services.exports import ExportError
from studio import queue
from studio.access import audit
from studio.pipelines.jobs import ask_again, ask_worker
from studio.pipelines.meant import meant_by
from synthesis.models import Run

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
"""A little longer than the task may run: studio/workers/export.py."""


def job_folder(job_id: int) -> Path:
    """Where the files of a job lie: a folder of its own, so that two jobs never write to one place."""
    return Path(settings.STUDIO_DATA) / "exports" / f"job-{job_id}"


def export_ask(*, actor: User, run: Run, formats: Sequence[str], threshold: float | None, duplicates: bool) -> ExportJob:
    """Ask for files of a run; a worker writes them. Raises ExportRefused, ExportError."""
    now = timezone.now()
    with audit.change(actor, "datasets.export", "export", label=f"run {run.pk}", note=", ".join(formats)) as told:
        job = export_job_create(
            run=run, formats=formats, threshold=threshold, duplicates=duplicates, asked_by=actor.get_username(), now=now
        )
        told.object_id = str(job.pk)
        told.after = audit.row_facts(job, "run_id", "formats", "threshold", "duplicates")
        ask_worker(queue.export_job_enqueue, job.pk)
    return job


def dataset_make(*, actor: User, name: str, runs: Sequence[Run], rule: Rule, formats: Sequence[str]) -> ExportJob:
    """Save a rule under a name and ask for what it keeps: a worker freezes the version and writes its files.

    Raises DatasetError, ExportRefused, ExportError.
    """
    with audit.change(actor, "datasets.edit", "dataset", label=name, note=", ".join(f"run {run.pk}" for run in runs)) as told:
        dataset = dataset_save(name=name, runs=runs, rule=rule)
        told.object_id, told.after = dataset.slug, rule.body()
        return _asked_for(dataset, None, formats, actor)


def version_export(*, actor: User, version: DatasetVersion, formats: Sequence[str]) -> ExportJob:
    """Ask for files of a version that is frozen already. Raises ExportError."""
    label = f"{version.dataset.slug} {version.number}"
    with audit.change(actor, "datasets.export", "export", label=label, note=", ".join(formats)) as told:
        job = _asked_for(version.dataset, version, formats, actor)
        told.object_id, told.after = str(job.pk), version.digest
        return job


def downloaded(*, actor: User, export: Export) -> None:
    """Note that a file left the studio. ``export`` with its version and dataset."""
    label = f"{export.version.dataset.slug} {export.version.number}"
    with audit.change(actor, "datasets.download", "file", export.pk, label, note=export.format) as told:
        told.after = export.sha256


def _asked_for(dataset: Dataset, version: DatasetVersion | None, formats: Sequence[str], actor: User) -> ExportJob:
    job = dataset_job_create(dataset=dataset, version=version, formats=formats, asked_by=actor.get_username(), now=timezone.now())
    ask_worker(queue.export_job_enqueue, job.pk)
    return job


def export_job_run(*, job_id: int) -> str:
    """Write the files of a job. Does nothing when somebody else does. Returns the job's status ("gone" when there is no such
    job, "lost" when somebody else took it in the meantime).
    """
    attempt = export_job_take(job_id=job_id, lease=LEASE, now=timezone.now())
    if not attempt:
        job = lists.export_job(job_id)
        return job.status if job else "gone"
    job = lists.export_job(job_id)
    assert job is not None
    try:
        meant = meant_by(job.dataset) if job.dataset and job.version is None else None
        version = export_job_write(job=job, directory=job_folder(job_id), meant=meant)
    except ExportError as error:
        failed = export_job_failed(job_id=job_id, attempt=attempt, error=str(error), now=timezone.now())
        return "failed" if failed else "lost"
    except Exception:
        logger.exception("export %s", job_id)
        told = "The studio could not write it; its log says why."
        export_job_failed(job_id=job_id, attempt=attempt, error=told, now=timezone.now())
        raise
    return "done" if export_job_done(job_id=job_id, attempt=attempt, version=version, now=timezone.now()) else "lost"


def exports_ask_again(*, now: datetime) -> list[int]:
    """Enqueue jobs whose message or worker was lost. Returns their ids."""
    return ask_again(ExportJob.objects, lists.export_jobs_lost, queue.export_job_enqueue, now=now)


def job_files(job: ExportJob) -> Sequence[Export]:
    """The files of a job that is done; none before."""
    if job.status != "done" or job.version_id is None:
        return []
    return lists.export_files(job.version_id, str(job_folder(job.pk)))
