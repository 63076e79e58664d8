"""Canary rounds: of which judge, how far, and what came of them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from judging.engine.canaries import Sung
from judging.models import CanaryRound, CanaryStatus
from synthesis.selectors.jobs import jobs_lost


def round_get(round_id: int) -> CanaryRound | None:
    """One round with the episode that it is about, or None."""
    return CanaryRound.objects.select_related("episode__run", "episode__scenario").filter(pk=round_id).first()


def rounds_of(judge_version: str, limit: int = 20) -> list[CanaryRound]:
    """Rounds of a judge version, newest first, with their episodes."""
    rows = CanaryRound.objects.filter(judge_version=judge_version).select_related("episode").defer("episode__cast")
    return list(rows.order_by("-pk")[:limit])


def rounds_lost(*, now: datetime, asked_before: datetime) -> Sequence[int]:
    """Rounds that nobody works on although a worker was asked for before ``asked_before``, oldest first."""
    return jobs_lost(CanaryRound.objects, working=CanaryStatus.WORKING, now=now, asked_before=asked_before)


def sung_of(row: CanaryRound) -> list[Sung]:
    """What became of every canary: beaten ones first, then those without an answer, then fooled ones."""
    sung = msgspec.convert(row.sung, list[Sung])
    return sorted(sung, key=lambda bird: (not bird.beaten, not bird.problem, not bird.fooled))
