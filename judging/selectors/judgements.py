"""Judgements as people read them."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db.models import Count, Min

from judging.models import CheckResult, CriterionScore, Judgement
from synthesis.models import Run


class Sheet(NamedTuple):
    """One judge's view of an episode."""

    judgement: Judgement
    scores: list[CriterionScore]
    broken: list[CheckResult]


class Blame(NamedTuple):
    """Judged episodes of a run that failed for one reason, and one of them to look at."""

    party: str
    tag: str
    episodes: int
    sample: int


def sheets(episode_id: int) -> list[Sheet]:
    """Every judgement of an episode with its scores and broken checks: the deciding one, then the others, newest first."""
    rows = Judgement.objects.filter(episode_id=episode_id).order_by("-decides", "-pk").prefetch_related("broken", "scores__criterion")
    return [Sheet(row, sorted(row.scores.all(), key=lambda score: score.criterion.position), list(row.broken.all())) for row in rows]


def deciding(episode_id: int) -> Judgement | None:
    """The judgement of an episode that counts, or None."""
    return Judgement.objects.filter(episode_id=episode_id, decides=True).first()


def blames(run: Run, without: Collection[int] = ()) -> list[Blame]:
    """Why judged episodes of the run, ``without`` some of them, failed, most frequent first."""
    rows = Judgement.objects.filter(episode__run=run, decides=True, passed=False).exclude(episode_id__in=without)
    counted = rows.order_by().values_list("party", "tag").annotate(n=Count("pk"), sample=Min("episode_id")).order_by("-n", "party", "tag")
    return [Blame(*row) for row in counted]


def failed_by(run_id: int, party: str, tag: str, *, without: Collection[int] = (), most: int = 200) -> list[int]:
    """Episodes of a run that failed by one mistake, ``without`` some, in order of index."""
    rows = Judgement.objects.filter(episode__run_id=run_id, decides=True, passed=False, party=party, tag=tag)
    return list(rows.exclude(episode_id__in=without).order_by("episode__index").values_list("episode_id", flat=True)[:most])


def evidence(episode_id: int) -> dict[int, list[str]]:
    """Event numbers to the broken checks of the deciding judgement that point there; one query."""
    rows = CheckResult.objects.filter(judgement__episode_id=episode_id, judgement__decides=True).order_by("pk")
    marks: dict[int, list[str]] = {}
    for check, places in rows.values_list("check_id", "evidence"):
        for seq in places:
            marks.setdefault(seq, []).append(check)
    return marks


def overall_of(episode_ids: Sequence[int]) -> dict[int, float | None]:
    """The overall score of the deciding judgement of each of these episodes; those not judged are left out."""
    return dict(Judgement.objects.filter(episode_id__in=episode_ids, decides=True).values_list("episode_id", "overall"))
