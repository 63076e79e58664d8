"""Fixing from a door: where an episode first went wrong, what would be right there, and the fork that does it, with its preference pair."""

from collections.abc import Mapping

from django.contrib.auth.models import User
from django.utils import timezone

from judging.selectors import judgements
from judging.services.pairs import pair_note
from studio.access import audit
from studio.pipelines.advance import advance
from studio.pipelines.attend import has_broker
from synthesis.engine.participants.fixing import Correction, Seat
from synthesis.engine.participants.forking import FaultChoice
from synthesis.models import Episode
from synthesis.selectors import episodes
from synthesis.services.fixes import Proposal, episode_fix, fix_propose

PASSED_OVER = frozenset({"errors_heeded"})
"""Checks whose first event is what the agent ought to have minded: its mistake is the message that follows."""


def propose(*, episode_id: int, seq: int | None = None) -> Proposal:
    """What would be right in place of the message that event ``seq`` goes back to; ``seq`` None: where the deciding judgement says that
    it first went wrong. Raises CannotFork.
    """
    if seq is not None:
        return fix_propose(episode_id=episode_id, seq=seq)
    failure = judgements.deciding(episode_id)
    if failure is None or failure.passed:
        return fix_propose(episode_id=episode_id, seq=None, seat="agent")
    seat: Seat = "user" if failure.party == "user" else "agent"
    return fix_propose(episode_id=episode_id, seq=failure.first_event, seat=seat, after=failure.failed_check in PASSED_OVER)


def fix(
    *,
    actor: User,
    episode_id: int,
    seq: int,
    correction: Correction,
    seats: Mapping[str, str] | None = None,
    faults: FaultChoice = FaultChoice(),  # noqa: B008 - immutable
) -> Episode:
    """A new episode, in a run of its own, in which message ``seq`` is replaced by ``correction`` and whoever sits in ``seats`` goes on.
    Where the agent's message was corrected the two are noted as a preference pair. Raises CannotFork.
    """
    with audit.change(actor, "runs.start", "run", note=f"episode {episode_id} corrected at step {seq}") as told:
        now = timezone.now()
        made = episode_fix(
            episode_id=episode_id, seq=seq, correction=correction, seats=seats, faults=faults, now=now, started_by=actor.get_username()
        )
        corrected = episodes.event_get(episode_id, seq)
        if corrected and corrected.payload["role"] == "agent":
            pair_note(chosen_id=made.pk, rejected_id=episode_id, marked=seq, made_by_id=actor.pk, now=now)
        told.object_id, told.label = str(made.run_id), f"run {made.run_id}"
        told.after = audit.row_facts(made.run, "seed", "episodes", "releases", "options")
        advance(run_id=made.run_id, workers_elsewhere=has_broker())
    return made
