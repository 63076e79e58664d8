"""The heartbeat of runs and exports, every few seconds by beat."""

from celery import shared_task
from django.utils import timezone

from studio.pipelines.advance import tick as tick_runs
from studio.pipelines.exports import exports_ask_again


@shared_task(name="studio.workers.tick.tick")
def tick() -> None:
    """Look after every run under way, and after exports that nobody writes."""
    tick_runs()
    exports_ask_again(now=timezone.now())
