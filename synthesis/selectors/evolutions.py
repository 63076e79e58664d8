"""Evolutions: what was asked of models, what they drafted, and what authors are shown of the catalogue."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from synthesis.engine.evolution.ideas import CatalogueView, DomainIdea
from synthesis.engine.evolution.pack_work import PackWork
from synthesis.engine.evolution.similarity import ToolView, described
from synthesis.engine.participants.cast import AgentProfile, Persona
from synthesis.models import Domain, DraftKind, DraftStage, Evolution, EvolutionDraft, EvolutionStatus, Release, Tool
from synthesis.selectors.jobs import due, jobs_lost

GONE = (DraftStage.REFUSED, DraftStage.REJECTED, DraftStage.FAILED)
"""Drafts that nobody need differ from."""
HEAVY = ("work", "text", "rounds", "audited")


def evolution(evolution_id: int) -> Evolution | None:
    """One evolution, or None."""
    return Evolution.objects.filter(pk=evolution_id).first()


def evolutions(*, after: int | None = None, limit: int = 50) -> Sequence[Evolution]:
    """The newest first, older than ``after``, each with ``drafted``, ``passed``, ``published`` and ``refused``: counts of drafts that are
    no categories."""
    rows = Evolution.objects.all() if after is None else Evolution.objects.filter(pk__lt=after)
    things = ~Q(drafts__kind=DraftKind.CATEGORY)
    counts = {
        "drafted": Count("drafts", filter=things),
        "passed": Count("drafts", filter=things & Q(drafts__stage=DraftStage.PASSED)),
        "published": Count("drafts", filter=things & Q(drafts__stage=DraftStage.PUBLISHED)),
        "refused": Count("drafts", filter=things & Q(drafts__stage__in=GONE)),
    }
    return list(rows.annotate(**counts).order_by("-pk")[:limit])


def drafts_of(evolution_id: int) -> Sequence[EvolutionDraft]:
    """The drafts of an evolution in the order in which they were begun, without what is long."""
    return list(EvolutionDraft.objects.filter(evolution_id=evolution_id).select_related("domain", "release").defer(*HEAVY, *_LONG))


_LONG = ("domain__pack_text", "release__pack_text", "release__pack", "release__audit")


def findings_of(evolution_id: int) -> Mapping[int, list[dict[str, object]]]:
    """The rounds of findings of each draft of an evolution that has any."""
    rows = EvolutionDraft.objects.filter(evolution_id=evolution_id, kind__in=[DraftKind.DOMAIN, DraftKind.WORDINGS])
    return {pk: rounds for pk, rounds in rows.values_list("pk", "rounds") if rounds}


def draft(draft_id: int) -> EvolutionDraft | None:
    """One draft with all it holds and its evolution, or None."""
    return EvolutionDraft.objects.filter(pk=draft_id).select_related("evolution", "parent", "domain", "release").defer(*_LONG).first()


def open_drafts(evolution_id: int, kinds: Sequence[str], limit: int) -> Sequence[EvolutionDraft]:
    """The first drafts of these kinds on which there is something to do, with all they hold."""
    rows = EvolutionDraft.objects.filter(evolution_id=evolution_id, kind__in=kinds).select_related("evolution", "parent")
    ended = (*GONE, DraftStage.DONE, DraftStage.PASSED, DraftStage.PUBLISHED)
    return list(rows.exclude(stage__in=ended).order_by("pk")[:limit])


def drafted(evolution_id: int, kind: str) -> int:
    """How many drafts of a kind there are."""
    return EvolutionDraft.objects.filter(evolution_id=evolution_id, kind=kind).count()


def people_there(evolution_id: int, language: str) -> bool:
    """Whether there are drafts of personas of a language, or of agent profiles when it is ""."""
    if not language:
        return EvolutionDraft.objects.filter(evolution_id=evolution_id, kind=DraftKind.AGENT).exists()
    return any(persona.language == language for persona in personas_drafted(evolution_id))


def personas_drafted(evolution_id: int | None = None) -> list[Persona]:
    """Drafted personas that may still enter the catalogue, or all of one evolution."""
    return [msgspec.convert(work, Persona) for work in _people(DraftKind.PERSONA, evolution_id)]


def agents_drafted(evolution_id: int | None = None) -> list[AgentProfile]:
    """Drafted agent profiles that may still enter the catalogue, or all of one evolution."""
    return [msgspec.convert(work, AgentProfile) for work in _people(DraftKind.AGENT, evolution_id)]


def _people(kind: str, evolution_id: int | None) -> Iterable[Any]:
    rows = EvolutionDraft.objects.filter(kind=kind)
    rows = rows.filter(stage=DraftStage.PASSED) if evolution_id is None else rows.filter(evolution_id=evolution_id)
    return rows.order_by("pk").values_list("work", flat=True)


def domains_to_grow() -> Sequence[tuple[str, str, str, bool]]:
    """Slug, name, category and whether there is a release, of every domain that is not archived; a thousand at most."""
    rows = Domain.objects.exclude(status=Domain.Status.ARCHIVED).order_by("name", "slug")
    released = Exists(Release.objects.filter(domain=OuterRef("pk")))
    return list(rows.annotate(released=released).values_list("slug", "name", "category", "released")[:1000])


def waiting(evolution_id: int) -> Sequence[int]:
    """Drafts that passed and wait to be accepted."""
    rows = EvolutionDraft.objects.filter(evolution_id=evolution_id, stage=DraftStage.PASSED)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def evolutions_lost(*, now: datetime, asked_before: datetime) -> Sequence[int]:
    """Evolutions that nobody works on although a worker was asked for before ``asked_before``, oldest first."""
    return jobs_lost(Evolution.objects.filter(due(now)), working=EvolutionStatus.WORKING, now=now, asked_before=asked_before)


def newest_found_wanting() -> EvolutionDraft | None:
    """The newest whole pack that an audit has found errors in and that was not mended since, or None."""
    rows = EvolutionDraft.objects.filter(stage__in=[DraftStage.REPAIR, DraftStage.REFUSED]).exclude(text="")
    return rows.only("slug", "text", "rounds").order_by("-pk").first()


def catalogue_view(leave_out: int = 0, until: int | None = None) -> CatalogueView:
    """What exists and is on its way: domains, their categories and tools. Draft ``leave_out`` does not count: it is being written. Nor do,
    with ``until``, drafts that were begun after that one and have not passed.
    """
    rows = Domain.objects.exclude(status=Domain.Status.ARCHIVED).order_by("pk")
    domains = [
        DomainIdea(slug, name, category, description, complexity)
        for slug, name, category, description, complexity in rows.values_list("slug", "name", "category", "description", "complexity")
    ]
    # Slugs of archived domains are taken too.
    domains += [
        DomainIdea(slug, name, category, "Archived.")
        for slug, name, category in Domain.objects.filter(status=Domain.Status.ARCHIVED).values_list("slug", "name", "category")
    ]
    tools = _tools()
    there = {domain.slug for domain in domains}
    drafts = _coming().filter(kind=DraftKind.DOMAIN).exclude(pk=leave_out).exclude(slug__in=there)
    if until is not None:
        drafts = drafts.filter(Q(pk__lte=until) | Q(stage=DraftStage.PASSED))
    for row in drafts.order_by("pk").values_list("work", flat=True):
        work = msgspec.convert(row, PackWork)
        domains.append(work.idea)
        tools += _drafted_tools(work)
    counted = Counter(domain.category.partition("/")[0] for domain in domains)
    names = _coming().filter(kind=DraftKind.CATEGORY).order_by("pk").values_list("slug", flat=True)
    return CatalogueView({**dict.fromkeys(names, 0), **counted}, domains, tools)


def _coming() -> QuerySet[EvolutionDraft]:
    """Drafts that may still enter the catalogue."""
    over = Q(evolution__status__in=[EvolutionStatus.CANCELLED, EvolutionStatus.FAILED]) & ~Q(stage=DraftStage.PASSED)
    return EvolutionDraft.objects.exclude(stage__in=GONE).exclude(over)


def _tools() -> list[ToolView]:
    newest = Release.objects.order_by().values("domain").annotate(newest=Max("pk")).values("newest")
    rows = Tool.objects.filter(release_id__in=newest).exclude(release__domain__status=Domain.Status.ARCHIVED).order_by("pk")
    return [
        ToolView(slug, name, description, described(parameters.get("properties") or {}))
        for slug, name, description, parameters in rows.values_list("release__domain__slug", "name", "description", "parameters")
    ]


def _drafted_tools(work: PackWork) -> list[ToolView]:
    """Tools that are written; before that, those that are planned."""
    written = [
        ToolView(work.idea.slug, tool["name"], tool["description"], described(tool["parameters"].get("properties") or {}))
        for tool in work.tools
    ]
    if written or work.outline is None:
        return written
    return [ToolView(work.idea.slug, tool.name, tool.description, dict.fromkeys(tool.parameters, "")) for tool in work.outline.tools]
