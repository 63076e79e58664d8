"""What routing rules would find: rates of strata among the newest judged episodes, so that their work can be told before they are saved."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from judging.engine.routing import Stratum
from judging.models import Judgement

SAMPLE = 1_000
USUAL: Mapping[Stratum, float] = {"fail": 0.1}
"""Before anything was judged."""


class Rates(NamedTuple):
    """Shares of the newest ``sample`` judged episodes that each rule would find, and how many were judged in the last week."""

    sample: int
    rates: Mapping[Stratum, float]
    week: int


def rates_of(unsure_below: float, now: datetime) -> Rates:
    """Of the newest judgements that decide: failed; passed below ``unsure_below``; two queries.

    Of releases that are new nothing is said: those of the past are known by now.
    """
    rows = list(Judgement.objects.filter(decides=True).order_by("-created", "-pk").values_list("passed", "overall", "hard_fails")[:SAMPLE])
    week = Judgement.objects.filter(created__gte=now - timedelta(days=7), decides=True).count()
    if not rows:
        return Rates(0, USUAL, week)
    failed = [not passed or overall is None or bool(hard) for passed, overall, hard in rows]
    low = [overall is not None and overall < unsure_below for _passed, overall, _hard in rows]
    unsure = [below and not fail for fail, below in zip(failed, low, strict=True)]
    return Rates(len(rows), {"fail": sum(failed) / len(rows), "unsure": sum(unsure) / len(rows)}, week)
