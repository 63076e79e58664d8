"""Worker processes of the embedded set-up: children of the command that plays a run, with no broker in between."""

import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

from django.conf import settings

from studio.pipelines.simulate import bury_the_dead

STOP_PATIENCE = 20.0
"""Seconds that children get to finish their steps and hand their episodes back."""
MOST_DEATHS = 25
"""Deaths of children in a row, with no episode finished in between, after which the crew gives up."""


class CrewLost(Exception):
    """Children keep dying and nothing gets done."""


class Crew:
    """``size`` child processes that play one run. Each ends by itself when its standard input closes, so none outlives the parent."""

    def __init__(self, run_id: int, size: int) -> None:
        self.run_id, self.size = run_id, size
        self.children: list[subprocess.Popen[bytes]] = []
        self.deaths = self.finished_at_death = 0

    def start(self) -> None:
        """Start all children."""
        self.children = [self._child() for _ in range(self.size)]

    def _child(self) -> subprocess.Popen[bytes]:
        manage = Path(settings.BASE_DIR) / "manage.py"
        # A session of its own: Ctrl-C reaches the parent alone, which then ends the children in order.
        return subprocess.Popen(
            [sys.executable, str(manage), "play_run", str(self.run_id)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def look_after(self, finished: int) -> None:
        """Replace children that died; ``finished`` is how many episodes are done by now. Raises CrewLost."""
        for position, child in enumerate(self.children):
            code = child.poll()
            if code is None or code == 0:
                continue
            bury_the_dead()
            if finished > self.finished_at_death:
                self.deaths, self.finished_at_death = 0, finished
            self.deaths += 1
            if self.deaths > MOST_DEATHS:
                raise CrewLost(
                    f"worker processes died {self.deaths} times in a row (the last with code {code}) and no episode was finished"
                )
            self._close(child)
            self.children[position] = self._child()

    def idle(self) -> bool:
        """Whether all children have ended by themselves."""
        return all(child.poll() == 0 for child in self.children)

    def stop(self) -> None:
        """Ask the children to hand back what they hold, wait, and end those that do not."""
        for child in self.children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        deadline = monotonic() + STOP_PATIENCE
        while any(child.poll() is None for child in self.children) and monotonic() < deadline:
            sleep(0.05)
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
            self._close(child)
        bury_the_dead()

    def _close(self, child: subprocess.Popen[bytes]) -> None:
        if child.stdin:
            child.stdin.close()
