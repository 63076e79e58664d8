"""Tasks that play episodes."""

from celery import shared_task

from studio.pipelines import simulate


@shared_task(name="studio.workers.simulate.play_slice")
def play_slice(slice_id: int) -> None:
    """Play one slice. A doubled or late message finds it taken and does nothing."""
    simulate.slice_task(slice_id)
