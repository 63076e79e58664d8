"""Tasks that judge."""

from celery import shared_task

from studio.pipelines import rejudging


@shared_task(name="studio.workers.judge.rejudge")
def rejudge(rejudging_id: int) -> None:
    """Judge episodes again. A doubled or late message finds it taken and does nothing."""
    rejudging.rejudge_run(rejudging_id=rejudging_id)
