"""The heartbeat, every few seconds by beat."""

from celery import shared_task
from django.utils import timezone

from studio.pipelines.heartbeat import heartbeat


@shared_task(name="studio.workers.tick.tick")
def tick() -> None:
    """Look after everything that may have lost a message or a worker."""
    heartbeat(now=timezone.now())
