"""The embedded set-up's workers: crews for whatever runs are under way, looked after by the serving command."""

import logging
from time import monotonic

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from studio.pipelines.advance import advance
from studio.pipelines.crew import Crew, CrewLost
from studio.pipelines.hands import hands
from studio.pipelines.heartbeat import heartbeat
from studio.pipelines.simulate import bury_the_dead
from synthesis.selectors import runs
from synthesis.services.runs import RunError, run_pause

logger = logging.getLogger(__name__)

MOST_CREWS = 3
"""Runs that are played at a time; the others wait their turn, oldest first."""

LONG_REST = 10.0
"""Seconds from which on a run that rests gives up its place."""


class Household:
    """Crews by run. ``look`` is called again and again; ``stop`` hands everything back."""

    def __init__(self) -> None:
        self.crews: dict[int, Crew] = {}
        self.hands = hands()
        self.ticked = 0.0
        bury_the_dead()

    def look(self) -> None:
        """Start, look after and dismiss crews. A database that does not answer is asked again at the next look."""
        try:
            self._look()
        except DatabaseError as error:
            logger.warning("the database does not answer, trying again: %s", error)

    def _look(self) -> None:
        if monotonic() - self.ticked >= settings.STUDIO_TICK_SECONDS:
            heartbeat(now=timezone.now(), workers_elsewhere=False)
            self.ticked = monotonic()
        for hand in self.hands:
            hand.look()
        under_way = self._wanting(runs.runs_under_way())
        for run_id in list(self.crews):
            if run_id not in under_way:
                self.crews.pop(run_id).stop()
        for run_id in under_way:
            self._look_after(run_id)

    def _wanting(self, under_way: list[int]) -> list[int]:
        """Runs that crews are for: where others wait their turn, not those that rest for long."""
        if len(under_way) <= MOST_CREWS:
            return under_way
        now = timezone.now()
        return [run_id for run_id in under_way if runs.rest_of(run_id, now) <= LONG_REST]

    def _look_after(self, run_id: int) -> None:
        if advance(run_id=run_id, workers_elsewhere=False) != "running":
            return
        crew = self.crews.get(run_id)
        if crew is None or crew.idle():
            if crew:
                crew.stop()
            elif len(self.crews) >= MOST_CREWS:
                return
            crew = self.crews[run_id] = Crew(run_id, self._hands(run_id))
            crew.start()
        counts = runs.run_counts(run_id)
        try:
            crew.look_after(sum(counts.values()) - runs.run_open(counts))
        except CrewLost as error:
            logger.error("run %s is paused: %s", run_id, error)
            self.crews.pop(run_id).stop()
            self._pause(run_id)

    def _hands(self, run_id: int) -> int:
        """How many processes play a run: beside other runs one, since more would only take the cores from one another."""
        run = runs.run_get(run_id)
        return 1 if self.crews or run is None else min(run.concurrency, int(settings.STUDIO_WORKERS))

    def _pause(self, run_id: int) -> None:
        try:
            run_pause(run_id=run_id)
        except RunError:
            logger.info("run %s is over already", run_id)

    def stop(self) -> None:
        """Ask all crews to hand back what they hold, and wait for them."""
        for crew in self.crews.values():
            crew.stop()
        self.crews.clear()
