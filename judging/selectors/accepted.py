"""Episodes that a run may keep: what its cost is divided by."""

from collections.abc import Mapping, Sequence

from django.db.models import Count, F

from judging.models import Judgement


def accepted_by_run(run_ids: Sequence[int]) -> Mapping[int, int]:
    """How many episodes of each of these runs passed their checks and are of the run's quality or better, valid as rows; one query.

    Duplicates count: whether a row is one is known only when a dataset is built.
    """
    good = Judgement.objects.filter(
        episode__run_id__in=run_ids, decides=True, passed=True, flaw="", overall__gte=F("episode__run__threshold")
    )
    rows = good.values("episode__run_id").annotate(n=Count("episode_id", distinct=True)).order_by()
    return {row["episode__run_id"]: row["n"] for row in rows}
