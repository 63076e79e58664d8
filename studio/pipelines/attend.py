"""Staying with a run until it is over: with a crew of its own, or watching workers elsewhere."""

from collections.abc import Callable, Mapping
from time import monotonic, sleep

from django.conf import settings
from django.db import OperationalError

from studio.pipelines.advance import advance, tick
from studio.pipelines.crew import Crew
from studio.pipelines.simulate import bury_the_dead
from synthesis.selectors import runs

LOOK_SECONDS = 0.3
LONELY_SECONDS = 20.0
"""Without a slice at work for that long, whoever watches is told that no worker is up."""

Show = Callable[[Mapping[str, int]], None]


def has_broker() -> bool:
    """Whether this installation has a broker of its own, so that workers live elsewhere."""
    return not str(settings.CELERY_BROKER_URL).startswith(("sqlite:", "memory:"))


def attend(*, run_id: int, workers: int, show: Show, say: Callable[[str], None]) -> str:
    """Stay until the run is over or somebody stops it; returns its status.

    With ``workers`` child processes play it; with 0 slices are enqueued for workers elsewhere. KeyboardInterrupt passes through after the
    children have handed back what they held. Raises CrewLost.
    """
    bury_the_dead()
    return _play(run_id, workers, show) if workers else _watch(run_id, show, say)


def _play(run_id: int, workers: int, show: Show) -> str:
    crew = Crew(run_id, workers)
    try:
        crew.start()
        while True:
            counts = runs.run_counts(run_id)
            show(counts)
            finished = sum(counts.values()) - runs.run_open(counts)
            crew.look_after(finished)
            status = advance(run_id=run_id, workers_elsewhere=False)
            if status != "running":
                return status
            sleep(LOOK_SECONDS)
    finally:
        crew.stop()


def _watch(run_id: int, show: Show, say: Callable[[str], None]) -> str:
    """The tick is called from here too, so a run goes on without beat."""
    ticked = 0.0
    lonely_since, told = monotonic(), False
    while True:
        try:
            if monotonic() - ticked >= settings.STUDIO_TICK_SECONDS:
                tick()
                ticked = monotonic()
            show(runs.run_counts(run_id))
            status = advance(run_id=run_id)
            if status != "running":
                return status
            if runs.slices_at_work(run_id):
                lonely_since, told = monotonic(), False
        except OperationalError as error:
            say(f"the database does not answer, trying again: {error}")
            sleep(2)
        if not told and monotonic() - lonely_since > LONELY_SECONDS:
            told = True
            say("no worker has taken this run yet; start one: ./bin/studio manage worker")
        sleep(LOOK_SECONDS)
