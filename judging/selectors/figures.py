"""How agents do: figures of agent profiles from their judged episodes."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import Avg, Count, Q

from judging.models import Judgement


class Figures(NamedTuple):
    """Deciding judgements of a profile's episodes: how many, which share passed (0-1), the mean score (0-5; None when every judge
    failed).
    """

    judged: int
    passed: float
    mean: float | None


def figures_of_agents(slugs: Iterable[str], without: Collection[int] = ()) -> dict[str, Figures]:
    """Figures by slug of agent profile over all judged episodes but those ``without``, in one query; agents without any are left out."""
    rows = Judgement.objects.filter(decides=True, episode__agent__in=list(slugs)).exclude(episode_id__in=without).order_by()
    counted = rows.values_list("episode__agent").annotate(n=Count("pk"), passed=Count("pk", filter=Q(passed=True)), mean=Avg("overall"))
    return {slug: Figures(n, passed / n, mean) for slug, n, passed, mean in counted}
