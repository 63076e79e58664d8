"""Which episodes are watched, and what is being written in them."""

from datetime import datetime

from synthesis.models import Watch


def watched(run_id: int, now: datetime) -> frozenset[int]:
    """The episodes of a run that somebody watches; one query."""
    return frozenset(Watch.objects.filter(episode__run_id=run_id, watched_until__gt=now).values_list("pk", flat=True))


def watch_of(episode_id: int) -> Watch | None:
    """The watch of an episode."""
    return Watch.objects.filter(pk=episode_id).first()
