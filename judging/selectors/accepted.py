"""Episodes that a run may keep: what its cost is divided by.

Duplicates count: whether a row is one is known only when a dataset is built.
"""

from collections.abc import Mapping, Sequence

from django.db.models import Count, F, Q

from judging.models import Judgement
from synthesis.models import ModelUsage

ACCEPTED = Q(decides=True, passed=True, flaw="", overall__gte=F("episode__run__threshold"))
"""Judgements of episodes that passed their checks and are of their run's quality or better, valid as rows."""


def accepted_by_run(run_ids: Sequence[int]) -> Mapping[int, int]:
    """How many episodes of each of these runs are accepted; one query."""
    good = Judgement.objects.filter(ACCEPTED, episode__run_id__in=run_ids)
    rows = good.values("episode__run_id").annotate(n=Count("episode_id", distinct=True)).order_by()
    return {row["episode__run_id"]: row["n"] for row in rows}


def accepted_with_models() -> int:
    """How many episodes are accepted of all runs that asked a model anything; one query."""
    asked = ModelUsage.objects.filter(run__isnull=False).values("run")
    return Judgement.objects.filter(ACCEPTED, episode__run__in=asked).count()
