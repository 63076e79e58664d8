"""Tasks that write files."""

from celery import shared_task

from studio.pipelines import advance, exports


@shared_task(name="studio.workers.export.export_run")
def export_run(run_id: int) -> None:
    """Write the files of a finished run. Twice gives the same files."""
    advance.export(run_id=run_id)


@shared_task(name="studio.workers.export.export_job", soft_time_limit=13 * 60, time_limit=14 * 60)
def export_job(job_id: int) -> None:
    """Write the files somebody asked for. A doubled or late message finds the job taken and does nothing."""
    exports.export_job_run(job_id=job_id)
