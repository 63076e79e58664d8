"""How agents do: figures of agent profiles from their judged episodes."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Avg, Count, Q

from judging.models import Judgement


class Figures(NamedTuple):
    """Judgements of a profile's episodes: how many, which share passed (0-1), the mean score (0-5; None when every judge failed)."""

    judged: int
    passed: float
    mean: float | None


def figures_of_agents(slugs: Iterable[str]) -> dict[str, Figures]:
    """Figures by slug of agent profile, in one query; those without a judgement are left out."""
    rows = Judgement.objects.filter(episode__agent__in=list(slugs)).order_by().values_list("episode__agent")
    counted = rows.annotate(n=Count("pk"), passed=Count("pk", filter=Q(passed=True)), mean=Avg("overall"))
    return {slug: Figures(n, passed / n, mean) for slug, n, passed, mean in counted}
