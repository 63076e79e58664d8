"""Tasks that find out how far judges can be trusted."""

from celery import shared_task

from studio.pipelines import calibrating, canary_rounds


@shared_task(name="studio.workers.calibrate.calibrate_judge", soft_time_limit=58 * 60, time_limit=60 * 60)
def calibrate_judge(calibration_id: int) -> None:
    """Calibrate a judge. A doubled or late message finds it taken and does nothing."""
    calibrating.calibration_run(calibration_id=calibration_id)


@shared_task(name="studio.workers.calibrate.judge_canaries", soft_time_limit=58 * 60, time_limit=60 * 60)
def judge_canaries(round_id: int) -> None:
    """Put canaries before a judge. A doubled or late message finds it taken and does nothing."""
    canary_rounds.round_run(round_id=round_id)
