"""``manage.py beat``: the clock that sends ticks to the queue of that name. One is enough; a second one does no harm."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from studio.management.processes import celery_beat


class Command(BaseCommand):
    """See the module."""

    help = "Send ticks to a worker of queue tick. `manage tick --forever` does the work of both in one process."

    def handle(self, *args: Any, **options: Any) -> None:
        """Become beat."""
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, [sys.executable, "-m", *celery_beat()])  # noqa: S606 - our own interpreter
