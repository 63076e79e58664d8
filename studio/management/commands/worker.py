"""``manage.py worker``: a Celery worker on the right queues with the settings of this installation."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from studio.management.processes import celery_worker

QUEUES = ("simulate", "judge", "author", "export")
"""What a worker takes unless told otherwise. ``tick`` has a process of its own: behind slices of minutes it would come too late."""


class Command(BaseCommand):
    """See the module."""

    help = "Start a Celery worker. Run `manage tick --forever`, or beat and a worker of queue tick, beside it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Queues and processes."""
        parser.add_argument("--queues", default=",".join(QUEUES), help=f"comma-separated (default {','.join(QUEUES)})")
        parser.add_argument("--concurrency", type=int, default=settings.STUDIO_WORKERS, help="processes (default STUDIO_WORKERS)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Become the worker."""
        queues = [name.strip() for name in options["queues"].split(",") if name.strip()]
        unknown = [name for name in queues if name not in settings.CELERY_TASK_QUEUES]
        if unknown or not queues:
            raise CommandError(f"--queues {options['queues']!r}: give some of {', '.join(settings.CELERY_TASK_QUEUES)}.", returncode=2)
        if options["concurrency"] < 1:
            raise CommandError(f"--concurrency {options['concurrency']}: give 1 or more.", returncode=2)
        os.chdir(settings.BASE_DIR)
        arguments = celery_worker(queues, options["concurrency"])
        os.execv(sys.executable, [sys.executable, "-m", *arguments])  # noqa: S606 - our own interpreter with arguments checked above
