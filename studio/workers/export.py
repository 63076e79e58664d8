"""Tasks that write files."""

from celery import shared_task

from studio.pipelines import advance


@shared_task(name="studio.workers.export.export_run")
def export_run(run_id: int) -> None:
    """Write the files of a finished run. Twice gives the same files."""
    advance.export(run_id=run_id)
