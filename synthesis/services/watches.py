"""Watched episodes: pages keep the watch, players write the words of the message under way. All of it is ephemeral."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Subquery

from synthesis.models import Episode, Watch


def watch_keep(*, episode_id: int, until: datetime) -> None:
    """Somebody watches the episode until then at least. An episode that is gone is not watched."""
    try:
        with transaction.atomic():
            Watch.objects.bulk_create(
                [Watch(episode_id=episode_id, watched_until=until)],
                update_conflicts=True,
                update_fields=["watched_until"],
                unique_fields=["episode"],
            )
    except IntegrityError:
        return


def watch_write(*, episode_id: int, seat: str, text: str, now: datetime) -> bool:
    """``seat`` has written ``text`` so far of the event that comes next; with ``seat`` "" nobody is writing. False when nobody watches."""
    ahead = Episode.objects.filter(pk=episode_id).values("next_seq")[:1]
    # What PostgreSQL cannot hold is left out, as in the log.
    clean = text.replace("\x00", "").encode("utf-8", "replace").decode()
    return bool(Watch.objects.filter(pk=episode_id).update(seat=seat, text=clean, seq=Subquery(ahead), updated=now))


def watch_end(*, episode_id: int) -> None:
    """The episode is over: there is nothing to watch any more."""
    Watch.objects.filter(pk=episode_id).delete()


def watches_clear(*, now: datetime) -> int:
    """Remove the watches that nobody keeps any more; how many."""
    return Watch.objects.filter(watched_until__lt=now).delete()[0]
