"""Processes of the serving command: started again when they die, later each time, and ended with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from time import monotonic

from django.conf import settings

from studio.settings import environment

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
STEADY_SECONDS = 60.0
"""A process that lived this long starts afresh in its back-off."""


class Child:
    """One process. ``name`` as people are told, ``module`` and ``arguments`` as after ``python -m``, ``more`` for its environment.

    It is in a session of its own: Ctrl-C reaches the serving command alone, which ends its children in order.
    """

    def __init__(
        self, name: str, module: str, arguments: Sequence[str], *, more: Mapping[str, str], clock: Callable[[], float] = monotonic
    ) -> None:
        self.name, self.more, self.clock = name, more, clock
        self.command = [sys.executable, "-m", "studio.management.leashed", module, *arguments]
        self.process: subprocess.Popen[bytes] | None = None
        self.started = self.due = 0.0
        self.wait = FIRST_WAIT
        self.deaths = 0

    def start(self) -> None:
        """Start it."""
        env = environment.of_child(**self.more)
        # What it has to say goes to standard error; Celery's farewell on standard output is of no use to anybody.
        self.process = subprocess.Popen(
            self.command, cwd=settings.BASE_DIR, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )
        self.started = self.clock()

    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def look(self) -> str:
        """Start it again if it died and its time has come. Returns what people should know; usually nothing."""
        if self.process is None:
            if self.clock() >= self.due:
                self.start()
            return ""
        code = self.process.poll()
        if code is None:
            return ""
        self._close()
        if self.clock() - self.started >= STEADY_SECONDS:
            self.wait, self.deaths = FIRST_WAIT, 0
        self.deaths += 1
        wait, self.wait = self.wait, min(self.wait * 2, LONGEST_WAIT)
        self.due = self.clock() + wait
        return f"The {self.name} ended ({_reason(code)}); it is started again in {wait:.0f} s."

    def ask_to_end(self) -> None:
        """Ask it to end; ``end`` waits for that."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def end(self, patience: float) -> None:
        """Wait for it, then end it and all it started."""
        if self.process is None:
            return
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._close()

    def _close(self) -> None:
        if self.process and self.process.stdin:
            self.process.stdin.close()
        self.process = None


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"
