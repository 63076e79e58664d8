"""Verdicts of episodes in lists: the newest judgement's word."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from judging.models import Judgement
from synthesis.models import Episode

VERDICTS = ("passed", "failed")


class Verdict(NamedTuple):
    """Whether an episode passed, and its score (0-5; None when the judge failed)."""

    passed: bool
    overall: float | None


def verdicts_of(episode_ids: Iterable[int]) -> dict[int, Verdict]:
    """The newest verdict on each of these episodes, in one query; those without a judgement are left out."""
    rows = Judgement.objects.filter(episode_id__in=list(episode_ids)).order_by("pk")
    return {pk: Verdict(passed, overall) for pk, passed, overall in rows.values_list("episode_id", "passed", "overall")}


def with_verdict(episodes: QuerySet[Episode], verdict: str) -> QuerySet[Episode]:
    """Those of ``episodes`` whose newest verdict is ``passed`` or ``failed``."""
    newest = Judgement.objects.filter(episode=OuterRef("pk")).order_by("-pk").values("passed")[:1]
    return episodes.annotate(verdict=Subquery(newest)).filter(verdict=verdict == "passed")


def episodes_of_run(
    run_id: int,
    *,
    verdict: str,
    after: int = -1,
    limit: int = 50,
    status: str = "",
    domain: str = "",
    variation: str = "",
    without: Collection[int] = (),
) -> list[Episode]:
    """Episodes of a run after index ``after`` that passed or failed, ``without`` some of them, in order of index."""
    wanted = {name: value for name, value in {"status": status, "domain": domain, "variation": variation}.items() if value}
    rows = Episode.objects.filter(run_id=run_id, index__gt=after, **wanted).defer("cast", "failure").order_by("index")
    return list(with_verdict(rows.exclude(pk__in=without), verdict)[:limit])
