"""The heartbeat of runs, every few seconds by beat."""

from celery import shared_task

from studio.pipelines.advance import tick as tick_runs


@shared_task(name="studio.workers.tick.tick")
def tick() -> None:
    """Look after every run under way."""
    tick_runs()
