"""Playing a seat by hand from a door: whose turn it is, and the move with its audit entry."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.utils import timezone

from studio import broadcast
from studio.access import audit
from studio.pipelines.advance import advance
from studio.pipelines.attend import has_broker
from synthesis.engine.episode.play import seat_to_move
from synthesis.engine.episode.seats import AgentMove, UserMove
from synthesis.engine.participants.person import PERSON
from synthesis.models import OPEN_STATUSES, Episode
from synthesis.selectors import episodes
from synthesis.services.hand import hand_play


class Hand(NamedTuple):
    """``seats`` are played by hand; ``turn`` is the one whose move is waited for, "" while others play; ``over``: the talk has ended."""

    seats: list[str]
    turn: str
    over: bool
    seq: int


def plays_by_hand(cast: Mapping[str, Any]) -> bool:
    """Whether a seat of this cast is a person's."""
    return PERSON in cast.get("seats", {}).values()


def hand_of(episode: Episode) -> Hand:
    """Who is waited for in an episode."""
    seats = [seat for seat in ("user", "agent") if episode.cast.get("seats", {}).get(seat) == PERSON]
    over = episode.status not in OPEN_STATUSES or bool(episode.outcome)
    waits = bool(seats) and episode.status == "queued" and episode.run.status == "paused"
    seat = seat_to_move(episodes.log_of(episode.pk)) if waits else ""
    return Hand(seats, seat if seat in seats else "", over, episode.next_seq)


def take_turn(*, actor: User, episode: Episode, seq: int, move: UserMove | AgentMove) -> None:
    """Make a move and let the episode go on. Raises NotYourTurn."""
    seat = "user" if isinstance(move, UserMove) else "agent"
    with audit.change(actor, "runs.start", "episode", episode.pk, f"episode {episode.pk}", note=f"played the {seat} by hand") as told:
        hand_play(episode_id=episode.pk, seq=seq, move=move, now=timezone.now())
        told.after = {"seat": seat, "seq": seq}
        advance(run_id=episode.run_id, workers_elsewhere=has_broker())
    broadcast.publish(f"episode:{episode.pk}")
