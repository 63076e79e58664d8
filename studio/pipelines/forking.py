"""Forks from a door: the service with its audit entry, and whatever the new run needs at once."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.utils import timezone

from studio.access import audit
from studio.pipelines.advance import advance
from studio.pipelines.attend import has_broker
from synthesis.engine.participants.forking import FaultChoice
from synthesis.engine.participants.person import PERSON
from synthesis.models import Episode
from synthesis.services.forks import episode_fork


def fork(
    *,
    actor: User,
    episode_id: int,
    seq: int,
    persona: str,
    agent: str,
    faults: FaultChoice,
    by_hand: Sequence[str] = (),
    players: Mapping[str, str] | None = None,
) -> Episode:
    """A new episode that goes on from event ``seq`` of another one, in a run of its own. ``players`` are who sits in ``user`` and
    ``agent`` from there (``scripted``, ``model:<slug>``; as before where nobody is named); ``by_hand`` the seats that a person plays
    instead. Raises CannotFork.
    """
    with audit.change(actor, "runs.start", "run", note=f"fork of episode {episode_id} at step {seq}") as told:
        seats = {**(players or {}), **dict.fromkeys(by_hand, PERSON)}
        made = episode_fork(episode_id=episode_id, seq=seq, persona=persona, agent=agent, seats=seats, faults=faults, now=timezone.now())
        told.object_id, told.label = str(made.run_id), f"run {made.run_id}"
        told.after = audit.row_facts(made.run, "seed", "episodes", "releases", "options")
        advance(run_id=made.run_id, workers_elsewhere=has_broker())
    return made
