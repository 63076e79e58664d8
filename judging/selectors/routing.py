"""What routing rules would find: rates of strata among the newest judged episodes, so that their work can be told before they are saved."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from judging.engine.routing import Played, Shares, Stratum, at_odds, stratum_of
from judging.models import Judgement

SAMPLE = 1_000
USUAL: Mapping[Stratum, float] = {"fail": 0.1}
"""Before anything was judged."""


class Rates(NamedTuple):
    """Shares of the newest ``sample`` judged episodes that stand in each stratum, and that ``failed``; how many were judged in the last
    week.
    """

    sample: int
    rates: Mapping[Stratum, float]
    failed: float
    week: int


def rates_of(shares: Shares, unsure_below: float, now: datetime) -> Rates:
    """What the rules of ``shares`` find of the newest episodes; passes below ``unsure_below`` are unsure. Three queries.

    Of releases that are new nothing is said: those of the past are known by now.
    """
    rows = list(Judgement.objects.filter(decides=True).order_by("-created", "-pk").defer("checks", "reason")[:SAMPLE])
    week = Judgement.objects.filter(created__gte=now - timedelta(days=7), decides=True).count()
    if not rows:
        return Rates(0, USUAL, USUAL["fail"], week)
    everybody = Judgement.objects.filter(episode_id__in=[row.episode_id for row in rows], overall__isnull=False).order_by("pk")
    words = everybody.values_list("episode_id", "judge", "passed", "hard_fails")
    differing = at_odds((episode, judge, not passed or bool(hard)) for episode, judge, passed, hard in words)
    played = [_played(row, unsure_below, row.episode_id in differing) for row in rows]
    found = Counter(stratum_of(one, shares) for one in played)
    bad = sum(one.failed for one in played)
    return Rates(len(rows), {stratum: n / len(rows) for stratum, n in found.items()}, bad / len(rows), week)


def failed(row: Judgement) -> bool:
    """Whether an episode failed as routing sees it: by a check, a hard criterion, or because its judge did."""
    return not row.passed or row.overall is None or bool(row.hard_fails)


def _played(row: Judgement, unsure_below: float, differing: bool) -> Played:
    unsure = row.overall is not None and row.overall < unsure_below
    return Played(row.episode_id, failed(row), "", disagree=row.disputed or differing, unsure=unsure)
