"""Canary rounds: asked for now, worked on by whichever worker comes first, what came of them kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import IntegrityError, transaction

from judging.engine.canaries import Sung
from judging.models import CanaryRound, CanaryStatus
from synthesis.models import Episode
from synthesis.services.jobs import job_take

MOST_ATTEMPTS = 3
"""A round whose worker died that often has failed."""


class CanariesRefused(Exception):
    """What was asked for cannot be done now. ``code``: ``under_way``, ``changed`` (the version can no longer be put to work; checks
    never were), ``no_episode``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def round_create(*, judge_version: str, episode: Episode, questions: int, asked_by: str, now: datetime) -> CanaryRound:
    """Note that somebody wants canaries put before a judge. Raises CanariesRefused while that is under way."""
    try:
        with transaction.atomic():
            return CanaryRound.objects.create(
                judge_version=judge_version, episode=episode, questions=questions, asked_by=asked_by[:150], created=now, asked=now
            )
    except IntegrityError:
        raise CanariesRefused("under_way") from None


def round_take(*, round_id: int, lease: timedelta, now: datetime) -> int:
    """The caller's number when the round is theirs until the lease ends; 0 when it is somebody else's or over.

    One that was taken MOST_ATTEMPTS times without an end fails here.
    """
    job, lost = CanaryRound.objects.filter(pk=round_id), "The workers that worked on it were lost."
    return job_take(job=job, working=CanaryStatus.WORKING, lease=lease, now=now, most=MOST_ATTEMPTS, lost=lost, done=0, cost=0)


def round_advance(*, round_id: int, attempt: int, done: int, questions: int, cost: int, lease: timedelta, now: datetime) -> bool:
    """Note how far it is, and keep it for another while. False when it is no longer the caller's."""
    told = {"done": done, "questions": questions, "cost": cost, "lease_until": now + lease}
    return bool(_held(round_id, attempt).update(**told))


def round_done(*, round_id: int, attempt: int, sung: Sequence[Sung], now: datetime) -> bool:
    """Keep what came of it. False when it is no longer the caller's."""
    kept = {"status": CanaryStatus.DONE, "sung": msgspec.to_builtins(sung), "finished": now, "lease_until": None}
    return bool(_held(round_id, attempt).update(**kept))


def round_failed(*, round_id: int, attempt: int, error: str, now: datetime) -> None:
    """There is no outcome, and ``error`` says why."""
    _held(round_id, attempt).update(status=CanaryStatus.FAILED, error=error or "unknown", finished=now, lease_until=None)


def _held(round_id: int, attempt: int) -> Any:
    return CanaryRound.objects.filter(pk=round_id, attempts=attempt, status=CanaryStatus.WORKING)
