"""Tasks that find out how far judges can be trusted."""

from celery import shared_task

from studio.pipelines import calibrating


@shared_task(name="studio.workers.calibrate.calibrate_judge", soft_time_limit=58 * 60, time_limit=60 * 60)
def calibrate_judge(calibration_id: int) -> None:
    """Calibrate a judge. A doubled or late message finds it taken and does nothing."""
    calibrating.calibration_run(calibration_id=calibration_id)
