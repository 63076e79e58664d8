"""Scenarios as people browse them."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Q, TextField
from django.db.models.functions import Cast

from synthesis.models import Episode, Scenario

TEXTS = ("release__pack_text", "release__pack", "release__audit", "release__domain__pack_text")


def scenario_list(
    *,
    domain: str = "",
    variation: str = "",
    intent: str = "",
    difficulty: int | None = None,
    quarantined: bool | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Sequence[Scenario]:
    """Scenarios without their bodies, newest first; "" and None filter nothing; one query."""
    rows = Scenario.objects.select_related("release__domain").defer("body", *TEXTS)
    wanted = {"release__domain__slug": domain, "variation": variation}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if difficulty is not None:
        rows = rows.filter(difficulty=difficulty)
    if quarantined is not None:
        rows = rows.filter(quarantined=quarantined)
    if intent:
        # As text: SQLite cannot ask JSON whether it contains a value.
        rows = rows.annotate(intents_text=Cast("intents", TextField())).filter(intents_text__contains=f'"{intent}"')
    if after is not None:
        rows = rows.filter(Q(created__lt=after[0]) | Q(created=after[0], digest__lt=after[1]))
    return list(rows.order_by("-created", "-digest")[:limit])


def plays(digests: Sequence[str]) -> dict[str, int]:
    """How many episodes were made for each of these scenarios."""
    rows = Episode.objects.filter(scenario_id__in=digests).order_by().values_list("scenario_id").annotate(n=Count("pk"))
    return {str(digest): n for digest, n in rows}


def episodes_of(digest: str, limit: int = 20) -> Sequence[Episode]:
    """The newest episodes of a scenario."""
    return list(Episode.objects.filter(scenario_id=digest).select_related("run").defer("cast", "failure").order_by("-pk")[:limit])
