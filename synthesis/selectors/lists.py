"""Rows of synthesis in pages by key: each list begins after the key of the last row of the page before, however long it is.

Lists leave out the long columns (packs, bodies, casts); the functions for one row bring them.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import QuerySet

from synthesis.models import AgentProfile, Domain, Episode, Event, Persona, Release, Run, Scenario, Tool
from synthesis.selectors.scenarios import scenarios_played


def domains(
    *, after: str | None = None, limit: int = 50, category: str | None = None, status: str | None = None, origin: str | None = None
) -> Sequence[Domain]:
    """Domains by slug. ``category`` is a whole path or the beginning of one."""
    rows = _given(Domain.objects.defer("pack_text"), status=status, origin=origin, category__startswith=category)
    return _page(rows, "slug", after, limit)


def domain(slug: str) -> Domain | None:
    """One domain, or None."""
    return Domain.objects.filter(slug=slug).first()


def releases(*, after: int | None = None, limit: int = 50, domain: str | None = None) -> Sequence[Release]:
    """Releases, newest first."""
    rows = Release.objects.select_related("domain").defer("pack_text", "pack", "audit", "domain__pack_text")
    return _newest(_given(rows, domain__slug=domain), after, limit)


def release(digest: str) -> Release | None:
    """One release with its pack and audit report, or None."""
    return Release.objects.select_related("domain").defer("pack_text", "domain__pack_text").filter(digest=digest).first()


def tools(
    *,
    after: int | None = None,
    limit: int = 50,
    name: str | None = None,
    domain: str | None = None,
    release: str | None = None,
    effect: str | None = None,
    side: str | None = None,
    status: str | None = None,
) -> Sequence[Tool]:
    """Tools of releases, newest first; one query."""
    rows = Tool.objects.select_related("release__domain").defer(*_RELEASE_TEXTS)
    rows = _given(rows, name=name, release__domain__slug=domain, release__digest=release, effect=effect, side=side, status=status)
    return _newest(rows, after, limit)


def tool(tool_id: int) -> Tool | None:
    """One tool, or None."""
    return Tool.objects.select_related("release__domain").defer(*_RELEASE_TEXTS).filter(pk=tool_id).first()


def personas(*, after: str | None = None, limit: int = 50, language: str | None = None, active: bool | None = None) -> Sequence[Persona]:
    """Personas by slug."""
    return _page(_given(Persona.objects.all(), language=language, active=active), "slug", after, limit)


def persona(slug: str) -> Persona | None:
    """One persona, or None."""
    return Persona.objects.filter(slug=slug).first()


def agents(*, after: str | None = None, limit: int = 50, active: bool | None = None) -> Sequence[AgentProfile]:
    """Agent profiles by slug."""
    return _page(_given(AgentProfile.objects.all(), active=active), "slug", after, limit)


def agent(slug: str) -> AgentProfile | None:
    """One agent profile, or None."""
    return AgentProfile.objects.filter(slug=slug).first()


def scenarios(
    *,
    after: str | None = None,
    limit: int = 50,
    domain: str | None = None,
    release: str | None = None,
    variation: str | None = None,
    difficulty: int | None = None,
    measured: int | None = None,
    without: Collection[int] = (),
    quarantined: bool | None = None,
) -> Sequence[Scenario]:
    """Scenarios by digest, without their bodies; with ``measured`` (difficulty after results), none of the episodes ``without``."""
    rows = Scenario.objects.select_related("release__domain").defer("body", *_RELEASE_TEXTS)
    rows = _given(
        rows,
        release__domain__slug=domain,
        release__digest=release,
        variation=variation,
        difficulty=difficulty,
        measured=measured,
        quarantined=quarantined,
    )
    if measured is not None and without:
        rows = rows.exclude(digest__in=scenarios_played(without))
    return _page(rows, "digest", after, limit)


def scenario(digest: str) -> Scenario | None:
    """One scenario with its body, or None."""
    return Scenario.objects.select_related("release__domain").defer(*_RELEASE_TEXTS).filter(digest=digest).first()


def runs(*, after: int | None = None, limit: int = 50, status: str | None = None) -> Sequence[Run]:
    """Runs, newest first."""
    return _newest(_given(Run.objects.all(), status=status), after, limit)


def episodes(
    *,
    after: int | None = None,
    limit: int = 50,
    run: int | None = None,
    status: str | None = None,
    domain: str | None = None,
    variation: str | None = None,
    outcome: str | None = None,
) -> Sequence[Episode]:
    """Episodes, newest first, without their casts; one query."""
    rows = _given(Episode.objects.defer("cast"), run_id=run, status=status, domain=domain, variation=variation, outcome=outcome)
    return _newest(rows, after, limit)


def episode(episode_id: int) -> Episode | None:
    """One episode with its cast and the digest of its release, or None."""
    return Episode.objects.select_related("release").defer("release__pack_text", "release__pack").filter(pk=episode_id).first()


def events(*, episode_id: int, after: int | None = None, limit: int = 50, kind: str | None = None) -> Sequence[Event]:
    """Events of an episode's log after number ``after``, in order."""
    rows = _given(Event.objects.filter(episode_id=episode_id), kind=kind)
    if after is not None:
        rows = rows.filter(seq__gt=after)
    return list(rows.order_by("seq")[:limit])


_RELEASE_TEXTS = ("release__pack_text", "release__pack", "release__audit", "release__domain__pack_text")


def _given(rows: QuerySet[Any], **filters: Any) -> QuerySet[Any]:
    """The filters that were given."""
    return rows.filter(**{name: value for name, value in filters.items() if value is not None})


def _page(rows: QuerySet[Any], key: str, after: str | None, limit: int) -> list[Any]:
    if after is not None:
        rows = rows.filter(**{f"{key}__gt": after})
    return list(rows.order_by(key)[:limit])


def _newest(rows: QuerySet[Any], after: int | None, limit: int) -> list[Any]:
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return list(rows.order_by("-pk")[:limit])
