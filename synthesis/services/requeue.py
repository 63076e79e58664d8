"""Trying again what came to nothing in a run."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Min

from synthesis.models import Episode, EpisodeStatus, EpisodeTruth, Event, Run, RunPart, RunStatus
from synthesis.selectors import runs
from synthesis.services.runs import RunError

LOST = (EpisodeStatus.FAILED, EpisodeStatus.UNFILLED)
AT_ONCE = 1000
AFRESH = {
    "epoch": F("epoch") + 1,
    "next_seq": 0,
    "holder": None,
    "lease_until": None,
    "not_before": None,
    "crashes": 0,
    "crash_seq": -1,
    "turns": 0,
    "calls": 0,
    "tokens": 0,
    "cost": 0,
    "outcome": "",
    "digest": "",
    "started": None,
    "finished": None,
}
"""An episode that is played from its beginning; ``failure`` stays and tells why it is."""


def run_requeue(*, run_id: int) -> int:
    """Try the failed and unfilled episodes of a run again; a finished run is running again. Returns how many they are.

    Those with a scenario are played afresh: what their logs held is gone, since the end is in them, and the same seed says the same things
    again. Those without are planned again. Raises RunError for a cancelled run, and when nothing has come to nothing.
    """
    with transaction.atomic():
        _reopen(run_id)
        lost = Episode.objects.filter(run_id=run_id, status__in=LOST)
        played = list(lost.filter(scenario__isnull=False).values_list("pk", flat=True))
        for start in range(0, len(played), AT_ONCE):
            _afresh(played[start : start + AT_ONCE])
        planned = _plan_again(run_id)
        if not played and not planned:
            raise RunError("run", f"nothing in run {run_id} has failed", "There is nothing to try again")
        return len(played) + planned


def _reopen(run_id: int) -> None:
    """Let the run go on, if it may."""
    run = runs.run_get(run_id)
    if run is None:
        raise RunError("run", f"there is no run {run_id}", "See ./bin/studio manage runs")
    if run.status == RunStatus.FINISHED:
        Run.objects.filter(pk=run_id, status=RunStatus.FINISHED).update(status=RunStatus.RUNNING, finished=None)
    elif run.status == RunStatus.CANCELLED:
        raise RunError("run", f"run {run_id} is cancelled, so nothing of it is tried again", "Clone it instead")


def _afresh(episodes: Sequence[int]) -> None:
    Episode.objects.filter(pk__in=episodes, status__in=LOST).update(status=EpisodeStatus.QUEUED, **AFRESH)
    Event.objects.filter(episode_id__in=episodes).delete()
    EpisodeTruth.objects.filter(episode_id__in=episodes).update(slip=None)


def _plan_again(run_id: int) -> int:
    """Open the generation work of each domain again, from its first episode without a scenario."""
    lost = Episode.objects.filter(run_id=run_id, status__in=LOST, scenario__isnull=True)
    firsts = list(lost.order_by().values_list("release_id").annotate(first=Min("index")))
    for release_id, first in firsts:
        part = RunPart.objects.filter(run_id=run_id, release_id=release_id)
        part.filter(next_index__gt=first).update(next_index=first)
        part.update(done=False, epoch=F("epoch") + 1, crashes=0, holder=None, lease_until=None, not_before=None)
    return lost.update(status=EpisodeStatus.PLANNED, **AFRESH)
