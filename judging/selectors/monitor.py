"""How judging goes: scores over time, by domain, and how evenly what is worth keeping is spread. Windows, never the whole history."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Avg, Count, Max, Q

from judging.models import Judgement
from synthesis.models import Domain, Episode
from synthesis.selectors.timeline import Step

KEEPABLE = Q(passed=True, flaw="", overall__gte=4.5)
"""What the usual rule would keep, duplicates aside."""


class Scores(NamedTuple):
    """Deciding judgements of a step or a domain: how many, mean overall score (None without any), how many passed, how many are worth
    keeping and the mean of those.
    """

    judged: int
    mean: float | None
    passed: int
    keepable: int
    kept_mean: float | None


COUNTED = {
    "judged": Count("pk"),
    "mean": Avg("overall"),
    "ok": Count("pk", filter=Q(passed=True)),
    "keepable": Count("pk", filter=KEEPABLE),
    "kept_mean": Avg("overall", filter=KEEPABLE),
}


def scores_by_step(since: datetime, seconds: int, domain: str = "") -> dict[int, Scores]:
    """Scores after ``since`` by step of time; of one domain, or of all."""
    rows = _since(since, domain).annotate(step=Step("created", seconds)).values_list("step")
    return {step: Scores(*row) for step, *row in rows.annotate(**COUNTED)}


def scores_by_domain(since: datetime) -> dict[str, Scores]:
    """Scores after ``since`` by domain, in order of name."""
    rows = _since(since).values_list("episode__domain").annotate(**COUNTED).order_by("episode__domain")
    return {domain: Scores(*row) for domain, *row in rows}


def means_by_domain(since: datetime, seconds: int) -> dict[str, dict[int, float]]:
    """Mean score by domain and step of time, where there is any."""
    rows = _since(since).filter(overall__isnull=False).annotate(step=Step("created", seconds)).values_list("episode__domain", "step")
    found: dict[str, dict[int, float]] = {}
    for domain, step, mean in rows.annotate(mean=Avg("overall")):
        found.setdefault(domain, {})[step] = mean
    return found


def scores_since(since: datetime) -> Scores:
    """Scores after ``since``, all together."""
    found = _since(since).aggregate(**COUNTED)
    return Scores(*(found[name] for name in COUNTED))


def blames_since(since: datetime, limit: int = 12) -> list[tuple[str, str, int, int]]:
    """Why judged episodes failed after ``since``: (party, tag, how many, the newest of them), most frequent first."""
    rows = _since(since).filter(passed=False).values_list("party", "tag").annotate(n=Count("pk"), sample=Max("episode_id"))
    return list(rows.order_by("-n", "party", "tag")[:limit])


def keepable_cells() -> dict[tuple[str, str], int]:
    """What is worth keeping by active domain and variation, over all runs; cells of nothing are not among them."""
    active = Domain.objects.filter(status="active").values("slug")
    rows = Judgement.objects.filter(KEEPABLE, decides=True, episode__domain__in=active).order_by()
    counted = rows.values_list("episode__domain", "episode__variation").annotate(n=Count("pk"))
    return {(domain, variation): n for domain, variation, n in counted}


class Listed(NamedTuple):
    """An episode of a list, with its deciding judgement if it has one."""

    episode: Episode
    judgement: Judgement | None


def episodes_listed(
    *,
    run: int | None = None,
    domain: str = "",
    variation: str = "",
    status: str = "",
    passed: bool | None = None,
    tag: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
    blind: Collection[int] = (),
) -> list[Listed]:
    """Episodes, newest first, of all runs or one; ``since`` and ``until`` are about their end. Two queries.

    Of the episodes ``blind`` no judgement is told, nor are they found by one.
    """
    given: dict[str, Any] = {"run_id": run, "finished__gte": since, "finished__lt": until, "pk__lt": before}
    texts = {"domain": domain, "variation": variation, "status": status}
    rows = Episode.objects.filter(
        **{name: value for name, value in given.items() if value is not None}, **{name: value for name, value in texts.items() if value}
    )
    if passed is not None or tag:
        judged: dict[str, Any] = {"judgements__decides": True, "judgements__passed": passed, "judgements__tag": tag or None}
        rows = rows.filter(**{name: value for name, value in judged.items() if value is not None}).exclude(pk__in=blind)
    found = list(rows.defer("cast", "failure").order_by("-pk")[:limit])
    deciding = deciding_judgements([episode.pk for episode in found if episode.pk not in blind])
    return [Listed(episode, deciding.get(episode.pk)) for episode in found]


def deciding_judgements(episodes: Sequence[int]) -> dict[int, Judgement]:
    """The deciding judgement of each of these episodes."""
    rows = Judgement.objects.filter(episode_id__in=episodes, decides=True)
    return {row.episode_id: row for row in rows.only("episode_id", "overall", "passed", "party", "tag")}


def _since(since: datetime, domain: str = "") -> Any:
    rows = Judgement.objects.filter(created__gte=since, decides=True).order_by()
    return rows.filter(episode__domain=domain) if domain else rows
