"""Canary rounds: asked for at a door, worked on by a worker, asked for again by the tick when a message was lost."""

import logging
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.canaries import QUESTIONS
from judging.models import CanaryRound
from judging.selectors import canaries as selectors
from judging.selectors.rejudging import canary_episode
from judging.services import canaries as services
from judging.services.canaries import CanariesRefused
from studio import queue
from studio.access import audit
from studio.pipelines.canaries import canaries_sing
from studio.pipelines.examining import bench_known
from studio.pipelines.jobs import Lost, ask_again, ask_worker, still_ours

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=20)
"""Longer than any answer takes; renewed after each."""


def round_ask(*, actor: User, judge_version: str) -> CanaryRound:
    """Ask for canaries to be put before a judge that asks models. Raises CanariesRefused."""
    bench = bench_known(judge_version)
    if bench is None:
        raise CanariesRefused("changed")
    episode = canary_episode()
    if episode is None:
        raise CanariesRefused("no_episode")
    questions = QUESTIONS * len(bench.spec.endpoints)
    with audit.change(actor, "judges.canaries", "judge", judge_version, f"{bench.kind} {judge_version[:8]}") as told:
        made = services.round_create(
            judge_version=judge_version, episode=episode, questions=questions, asked_by=actor.get_username(), now=timezone.now()
        )
        told.after = audit.row_facts(made, "episode_id", "questions")
        ask_worker(queue.canaries_enqueue, made.pk)
    return made


def round_run(*, round_id: int) -> str:
    """Work on a round. Does nothing when somebody else does. Returns its status ("gone" when there is no such round)."""
    attempt = services.round_take(round_id=round_id, lease=LEASE, now=timezone.now())
    row = selectors.round_get(round_id)
    if row is None or not attempt:
        return row.status if row else "gone"
    bench = bench_known(row.judge_version)
    if bench is None:
        return _failed(round_id, attempt, "This version of the judge can no longer be put to work.")

    def tell(done: int, questions: int, cost: int) -> None:
        told = {"attempt": attempt, "done": done, "questions": questions, "cost": cost}
        if not still_ours(f"canary round {round_id}", services.round_advance, round_id=round_id, **told, lease=LEASE, now=timezone.now()):
            raise Lost

    try:
        sung = canaries_sing(spec=bench.spec, episode_id=row.episode_id, tell=tell)
    except Lost:
        return "lost"
    except Exception:
        logger.exception("canary round %s", round_id)
        _failed(round_id, attempt, "The studio could not finish it; its log says why.")
        raise
    return "done" if services.round_done(round_id=round_id, attempt=attempt, sung=sung, now=timezone.now()) else "lost"


def _failed(round_id: int, attempt: int, error: str) -> str:
    services.round_failed(round_id=round_id, attempt=attempt, error=error, now=timezone.now())
    return "failed"


def rounds_ask_again(*, now: datetime) -> list[int]:
    """Enqueue rounds whose message or worker was lost. Returns their ids."""
    return ask_again(CanaryRound.objects, selectors.rounds_lost, queue.canaries_enqueue, now=now)
