"""Tasks that judge."""

from celery import shared_task

from studio.pipelines import rejudging, rubric_trials


@shared_task(name="studio.workers.judge.rejudge")
def rejudge(rejudging_id: int) -> None:
    """Judge episodes again. A doubled or late message finds it taken and does nothing."""
    rejudging.rejudge_run(rejudging_id=rejudging_id)


@shared_task(name="studio.workers.judge.try_rubric", soft_time_limit=58 * 60, time_limit=60 * 60)
def try_rubric(trial_id: int) -> None:
    """Try a rubric. A doubled or late message finds it taken and does nothing."""
    rubric_trials.trial_run(trial_id=trial_id)
