"""What is going on right now, in a few figures and links."""

from datetime import datetime, timedelta
from typing import NamedTuple

from synthesis.models import Episode, Run
from synthesis.selectors import runs
from synthesis.selectors.monitor import ended_since, playing_now

MOST_RUNS = 3
MOST_EPISODES = 8


class Going(NamedTuple):
    """A run under way: how many of its episodes are done, of how many."""

    run: Run
    done: int
    total: int


class UnderWay(NamedTuple):
    """Runs under way, episodes being played, and how many episodes ended in the last minute and the last hour."""

    runs: list[Going]
    episodes: list[Episode]
    last_minute: int
    last_hour: int


def under_way(now: datetime) -> UnderWay:
    """A handful of queries, whatever there is."""
    ids = runs.runs_under_way()[-MOST_RUNS:]
    counts = runs.counts_of(ids)
    going = []
    for run in runs.runs_of(ids):
        total = sum(counts[run.pk].values())
        going.append(Going(run, total - runs.run_open(counts[run.pk]), total))
    return UnderWay(
        going,
        playing_now(ids, MOST_EPISODES) if ids else [],
        ended_since(now - timedelta(minutes=1)),
        ended_since(now - timedelta(hours=1)),
    )
