"""Seats played by hand: an episode parks when it is a person's turn, and goes on when that person's move is in its log.

Only forks have such seats, each in a run of its own. A parked run is a paused one: no worker looks at it until the move resumes it.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from synthesis.engine.episode.events import clip
from synthesis.engine.episode.play import agent_draft, mid_turn, seat_to_move, user_draft
from synthesis.engine.episode.seats import AgentMove, UserMove
from synthesis.engine.participants.person import PERSON
from synthesis.models import Episode, EpisodeStatus, Event, Run, RunStatus
from synthesis.services.claims import read_logs


class NotYourTurn(Exception):
    """A move that cannot be made now. The text says why."""


def park(*, episode: int, epoch: int) -> None:
    """Give an episode of ours back to wait for a person, and let its run rest."""
    with transaction.atomic():
        held = Episode.objects.filter(pk=episode, epoch=epoch, status=EpisodeStatus.PLAYING)
        if held.update(status=EpisodeStatus.QUEUED, holder=None, lease_until=None):
            Run.objects.filter(pk__in=Episode.objects.filter(pk=episode).values("run"), status=RunStatus.RUNNING).update(
                status=RunStatus.PAUSED
            )


def hand_play(*, episode_id: int, seq: int, move: UserMove | AgentMove, now: datetime) -> None:
    """Make a person's move as event ``seq`` and let the run go on. Raises NotYourTurn."""
    seat = "user" if isinstance(move, UserMove) else "agent"
    with transaction.atomic():
        episode = Episode.objects.filter(pk=episode_id).first()
        log = read_logs([episode_id]).get(episode_id, [])
        if episode is None or episode.cast.get("seats", {}).get(seat) != PERSON or seat_to_move(log) != seat:
            raise NotYourTurn("It is not this seat's turn.")
        kind, head, payload, call_id = user_draft(move) if isinstance(move, UserMove) else agent_draft(move)
        # The condition is what makes the move the next one: two windows may send at once, and a worker may hold the episode.
        free = Episode.objects.filter(pk=episode_id, next_seq=seq, status=EpisodeStatus.QUEUED, run__status=RunStatus.PAUSED)
        if not Episode.objects.filter(pk__in=free.values("pk"), next_seq=seq).update(next_seq=F("next_seq") + 1):
            raise NotYourTurn("The conversation has gone on meanwhile. Read what is new first.")
        turn = log[-1].turn + (seat == "user" and not mid_turn(log))
        Event.objects.create(
            episode_id=episode_id, seq=seq, kind=kind, turn=turn, call_id=call_id, head=clip(head), payload=payload, created=now
        )
        Run.objects.filter(pk=episode.run_id, status=RunStatus.PAUSED).update(status=RunStatus.RUNNING)
