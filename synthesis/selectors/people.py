"""Personas and agent profiles as people look for them, and what they have played."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from django.db.models import Count, Q

from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.models import AgentProfile, Episode, Persona
from synthesis.models import Scenario as ScenarioRow


class Task(NamedTuple):
    """A scenario and its domain's pack: something to talk about."""

    scenario: Scenario
    pack: Pack


def personas(
    *,
    after: str | None = None,
    limit: int = 50,
    words: str = "",
    language: str = "",
    formality: str = "",
    brevity: str = "",
    mood: str = "",
    patience: int | None = None,
    expertise: int | None = None,
    active: bool | None = None,
) -> Sequence[Persona]:
    """Personas by slug; "" and None filter nothing; one query."""
    texts = {"language": language, "formality": formality, "brevity": brevity, "mood": mood}
    numbers = {"patience": patience, "expertise": expertise, "active": active}
    wanted = {name: value for name, value in texts.items() if value} | {name: n for name, n in numbers.items() if n is not None}
    rows = Persona.objects.filter(**wanted)
    if words:
        rows = rows.filter(Q(slug__icontains=words) | Q(name__icontains=words))
    return list((rows if after is None else rows.filter(slug__gt=after)).order_by("slug")[:limit])


def agents(
    *, after: str | None = None, limit: int = 50, words: str = "", tone: str = "", origin: str = "", active: bool | None = None
) -> Sequence[AgentProfile]:
    """Agent profiles by slug; "" and None filter nothing; one query."""
    rows = AgentProfile.objects.filter(**{name: value for name, value in {"tone": tone, "origin": origin}.items() if value})
    if active is not None:
        rows = rows.filter(active=active)
    if words:
        rows = rows.filter(Q(slug__icontains=words) | Q(role__icontains=words))
    return list((rows if after is None else rows.filter(slug__gt=after)).order_by("slug")[:limit])


def played_by_personas(slugs: Iterable[str]) -> dict[str, int]:
    """How many episodes each of these personas has been cast in, in one query; those with none are left out."""
    rows = Episode.objects.filter(persona__in=list(slugs)).order_by().values_list("persona").annotate(n=Count("pk"))
    return dict(rows)


def episodes_of_persona(slug: str, *, after: int | None = None, limit: int = 20) -> Sequence[Episode]:
    """Episodes that a persona is cast in, newest first."""
    return _episodes({"persona": slug}, after, limit)


def episodes_of_agent(slug: str, *, after: int | None = None, limit: int = 20) -> Sequence[Episode]:
    """Episodes that an agent profile, or an agent varied from it, is cast in, newest first."""
    return _episodes({"agent": slug}, after, limit)


def _episodes(who: dict[str, str], after: int | None, limit: int) -> Sequence[Episode]:
    rows = Episode.objects.filter(**who).defer("cast", "failure")
    return list((rows if after is None else rows.filter(pk__lt=after)).order_by("-pk")[:limit])


def some_task() -> Task | None:
    """A plain scenario of the catalogue, always the same while it is the first by digest; None while there is none that its pack has words
    for.
    """
    row = ScenarioRow.objects.filter(variation="plain").select_related("release").defer("release__pack_text").order_by("digest").first()
    if row is None:
        return None
    task = Task(msgspec.convert(row.body, Scenario), msgspec.convert(row.release.pack, Pack))
    return task if all(wish.intent in task.pack.intents for wish in task.scenario.wishes) else None
