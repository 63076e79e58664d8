"""Fixing from a door: where an episode first went wrong, what would be right there, and the fork that does it, with its preference pair."""

from collections.abc import Mapping
from typing import NamedTuple

from django.contrib.auth.models import User
from django.utils import timezone

from judging.selectors import judgements
from judging.services.pairs import pair_note, pairs_find
from studio.access import audit
from studio.access.blindness import hidden_episodes
from studio.access.permissions import can
from studio.pipelines.advance import advance
from studio.pipelines.attend import has_broker
from synthesis.engine.participants.fixing import Correction, Seat
from synthesis.engine.participants.forking import CannotFork, FaultChoice
from synthesis.models import Episode, Run
from synthesis.selectors import episodes
from synthesis.services.fixes import Proposal, episode_fix, episodes_repair, fix_propose

MOST = 200
"""Episodes repaired at a time."""
REPAIRABLE = ("agent", "user")
"""Parties whose turn can be made anew."""
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


def propose_to(*, actor: User, episode_id: int, step: int | None) -> Proposal:
    """The same for somebody: without a step they begin where the deciding judgement saw the first mistake, or at the end where they may
    not know that. Raises CannotFork.
    """
    if step is None and not can(actor, "judgements.view", episode_id):
        episode = episodes.episode_get(episode_id)
        step = max(episode.next_seq - 1, 0) if episode else 0
    return propose(episode_id=episode_id, seq=step)


def reason_of(episode_id: int) -> str:
    """Why the deciding judgement fails an episode; "" when it does not."""
    failure = judgements.deciding(episode_id)
    return failure.reason if failure and not failure.passed else ""


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


class Repairs(NamedTuple):
    """A run in which failed episodes are repaired; ``left`` are those for which nothing could be proposed, with the reason."""

    run: Run
    episodes: int
    left: list[tuple[int, str]]


def repair_failures(*, actor: User, run_id: int, party: str, tag: str) -> Repairs:
    """Repair only the guilty part of what failed in a run by one mistake: a new turn of whoever made it, from where it was made, and
    the play goes on from there. At most MOST at a time. Raises CannotFork when nothing can be repaired.
    """
    hidden, fixes, left = hidden_episodes(actor), [], []
    for episode_id in judgements.failed_by(run_id, party, tag, without=hidden, most=MOST):
        try:
            proposal = propose(episode_id=episode_id)
            if proposal.better:
                fixes.append((episode_id, proposal.mistake, proposal.correction))
            else:
                left.append((episode_id, "Nobody knows what would be right there; correct it by hand."))
        except CannotFork as error:
            left.append((episode_id, str(error)))
    now = timezone.now()
    with audit.change(actor, "runs.start", "run", note=f"repairs of run {run_id}: {party}, {tag}") as told:
        wanted = [(episode_id, mistake.seq, correction) for episode_id, mistake, correction in fixes]
        run, made = episodes_repair(run_id=run_id, fixes=wanted, now=now, started_by=actor.get_username())
        for (episode_id, mistake, _correction), episode in zip(fixes, made, strict=True):
            if mistake.seat == "agent":
                pair_note(chosen_id=episode.pk, rejected_id=episode_id, marked=mistake.seq, made_by_id=actor.pk, now=now)
        told.object_id, told.label = str(run.pk), f"run {run.pk}"
        told.after = audit.row_facts(run, "seed", "episodes", "releases", "options")
        advance(run_id=run.pk, workers_elsewhere=has_broker())
    return Repairs(run, len(made), left)


def pair_up(*, actor: User, run_id: int) -> int:
    """Pair what a run played well and badly of the same scenario. Returns how many pairs are new."""
    with audit.change(actor, "datasets.edit", "run", run_id, f"run {run_id}", note="preference pairs") as told:
        found = pairs_find(run_id=run_id, now=timezone.now())
        told.after = {"pairs": found}
    return found
