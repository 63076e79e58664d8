"""``manage.py play_run RUN``: one worker process of the embedded set-up.

``synthesize`` starts it; it ends when its standard input closes.
"""

import contextlib
import os
import signal
import sys
from argparse import ArgumentParser
from threading import Event, Thread
from typing import Any

from django.core.management.base import BaseCommand

from studio.pipelines.simulate import play_run


class Command(BaseCommand):
    """See the module."""

    help = "Play slices of a run in this process until it is over, standard input closes, or SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The run."""
        parser.add_argument("run", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Play."""
        stop = Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stop.set())
        Thread(target=_wait_for_end_of_input, args=(stop,), daemon=True).start()
        play_run(run_id=options["run"], stop=stop)


def _wait_for_end_of_input(stop: Event) -> None:
    """The parent holds the other end; when it dies, however it dies, reading ends."""
    with contextlib.suppress(OSError):
        while os.read(sys.stdin.fileno(), 1024):
            pass
    stop.set()
