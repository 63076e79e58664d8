"""Scenarios as people browse them."""

from collections.abc import Collection, Sequence
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
    measured: int | None = None,
    without: Collection[int] = (),
    quarantined: bool | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Sequence[Scenario]:
    """Scenarios without their bodies, newest first; "" and None filter nothing; one query.

    ``measured`` (difficulty after results) tells of episodes, so with it scenarios of those ``without`` which one may look are left out.
    """
    rows = Scenario.objects.select_related("release__domain").defer("body", *TEXTS)
    wanted = {"release__domain__slug": domain, "variation": variation}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if difficulty is not None:
        rows = rows.filter(difficulty=difficulty)
    if measured is not None:
        rows = rows.filter(measured=measured).exclude(digest__in=scenarios_played(without))
    if quarantined is not None:
        rows = rows.filter(quarantined=quarantined)
    if intent:
        # As text: SQLite cannot ask JSON whether it contains a value.
        rows = rows.annotate(intents_text=Cast("intents", TextField())).filter(intents_text__contains=f'"{intent}"')
    if after is not None:
        rows = rows.filter(Q(created__lt=after[0]) | Q(created=after[0], digest__lt=after[1]))
    return list(rows.order_by("-created", "-digest")[:limit])


def scenarios_played(episodes: Collection[int]) -> list[str]:
    """Digests of the scenarios of these episodes."""
    return list(Episode.objects.filter(pk__in=episodes, scenario__isnull=False).values_list("scenario_id", flat=True))


def difficulties_of(digests: Sequence[str]) -> dict[str, int]:
    """The computed difficulty of each of these scenarios."""
    return dict(Scenario.objects.filter(digest__in=digests).values_list("digest", "difficulty"))


def plays(digests: Sequence[str]) -> dict[str, int]:
    """How many episodes were made for each of these scenarios."""
    rows = Episode.objects.filter(scenario_id__in=digests).order_by().values_list("scenario_id").annotate(n=Count("pk"))
    return {str(digest): n for digest, n in rows}


def episodes_of(digest: str, limit: int = 20) -> Sequence[Episode]:
    """The newest episodes of a scenario."""
    return list(Episode.objects.filter(scenario_id=digest).select_related("run").defer("cast", "failure").order_by("-pk")[:limit])
