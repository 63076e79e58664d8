"""Exports that are asked for now and written later, by whichever worker comes first."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from judging.engine.formats.registry import FORMATS
from judging.models import Dataset, DatasetVersion, ExportJob, ExportJobStatus
from judging.services.datasets import Meant, dataset_build, dataset_freeze
from judging.services.exports import ExportError, export_write
from synthesis.models import Run, RunStatus
from synthesis.services.jobs import job_take

MOST_ATTEMPTS = 3
"""A job whose worker died that often has failed."""


class ExportRefused(ExportError):
    """What was asked for cannot be exported as it stands now."""


def export_job_create(
    *, run: Run, formats: Sequence[str], threshold: float | None, duplicates: bool, asked_by: str, now: datetime
) -> ExportJob:
    """Note that somebody wants files of a run. Raises ExportRefused while it is under way, ExportError for unknown formats."""
    _check([run])
    wanted = {"threshold": threshold, "duplicates": duplicates}
    return ExportJob.objects.create(run=run, formats=_known(formats), asked_by=asked_by[:150], created=now, asked=now, **wanted)


def dataset_job_create(
    *, dataset: Dataset, version: DatasetVersion | None, formats: Sequence[str], asked_by: str, now: datetime
) -> ExportJob:
    """Note that somebody wants files of a dataset: of ``version``, or of what its rule keeps once a worker freezes it.

    Raises ExportRefused while a run it draws from is under way, ExportError for unknown formats.
    """
    if version is None:
        _check(list(dataset.runs.all()))
    return ExportJob.objects.create(
        dataset=dataset, version=version, formats=_known(formats), asked_by=asked_by[:150], created=now, asked=now
    )


def _check(runs: Sequence[Run]) -> None:
    for run in runs:
        if run.status not in {RunStatus.FINISHED, RunStatus.CANCELLED}:
            raise ExportRefused(f"Run {run.pk} is {run.status}: it can be exported once it is finished or cancelled.")


def _known(formats: Sequence[str]) -> list[str]:
    if not formats or any(name not in FORMATS for name in formats):
        raise ExportError(f"formats: choose among {', '.join(FORMATS)}.")
    return list(dict.fromkeys(formats))


def export_job_take(*, job_id: int, lease: timedelta, now: datetime) -> int:
    """The caller's number when the job is theirs to write until the lease ends; 0 when it is somebody else's or over.

    A job that was taken MOST_ATTEMPTS times without an end fails here.
    """
    job, lost = ExportJob.objects.filter(pk=job_id), "The workers that wrote it were lost."
    return job_take(job=job, working=ExportJobStatus.WRITING, lease=lease, now=now, most=MOST_ATTEMPTS, lost=lost)


def export_job_write(*, job: ExportJob, directory: Path, meant: Meant | None = None) -> DatasetVersion:
    """Freeze the dataset, with what is ``meant``, and write its files into ``directory``. Twice gives the same bytes.

    Raises ExportError.
    """
    version = job.version or _freeze(job, meant)
    export_write(version=version, formats=job.formats, directory=directory)
    return version


def _freeze(job: ExportJob, meant: Meant | None) -> DatasetVersion:
    if job.run is not None:
        return dataset_build(run=job.run, threshold=job.threshold, duplicates=job.duplicates)
    assert job.dataset is not None, "the database sees to it"
    return dataset_freeze(dataset=job.dataset, meant=meant)


def export_job_done(*, job_id: int, attempt: int, version: DatasetVersion, now: datetime) -> bool:
    """The files are there. False when the job is no longer the caller's."""
    return bool(_held(job_id, attempt).update(status=ExportJobStatus.DONE, version=version, finished=now, lease_until=None))


def export_job_failed(*, job_id: int, attempt: int, error: str, now: datetime) -> bool:
    """There will be no files, and ``error`` says why. False when the job is no longer the caller's."""
    failed = {"status": ExportJobStatus.FAILED, "error": error or "unknown", "finished": now, "lease_until": None}
    return bool(_held(job_id, attempt).update(**failed))


def _held(job_id: int, attempt: int) -> Any:
    return ExportJob.objects.filter(pk=job_id, attempts=attempt, status=ExportJobStatus.WRITING)
