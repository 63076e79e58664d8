"""What is in the catalogue: releases, packs, personas, agent profiles."""

from collections.abc import Mapping, Sequence

import msgspec

from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.cast import AgentProfile, Persona
from synthesis.models import AgentProfile as AgentProfileRow
from synthesis.models import Domain, Release, Tool
from synthesis.models import Persona as PersonaRow


def active_releases() -> dict[str, Release]:
    """The newest release of every active domain, by slug, in order of slug; without their texts."""
    rows = Release.objects.filter(domain__status=Domain.Status.ACTIVE).select_related("domain").order_by("domain__slug", "number")
    return {row.domain.slug: row for row in rows.defer("pack_text", "pack", "domain__pack_text")}


def tool_to_try() -> tuple[str, str] | None:
    """The domain's slug and the name of a tool that only reads, for whoever tries a tool for the first time; None without any."""
    rows = Tool.objects.filter(release__domain__status=Domain.Status.ACTIVE, effect=Tool.Effect.READ, side=Tool.Side.AGENT)
    first = rows.order_by("release__domain__slug", "-release__number", "name").values_list("release__domain__slug", "name").first()
    return (str(first[0]), str(first[1])) if first else None


def taken_over() -> frozenset[str]:
    """Slugs of starter domains that are somebody's by now: their newest release was authored here, or they are archived."""
    rows = Release.objects.filter(domain__origin=Domain.Origin.STARTER).order_by("domain__slug", "number")
    newest = {slug: (lineage, status) for slug, lineage, status in rows.values_list("domain__slug", "lineage", "domain__status")}
    starter, archived = Domain.Origin.STARTER, Domain.Status.ARCHIVED
    return frozenset(slug for slug, (lineage, status) in newest.items() if lineage.get("origin", starter) != starter or status == archived)


def pack_texts(digests: Sequence[str]) -> dict[str, str]:
    """The parsed packs of these releases as JSON text, by digest."""
    rows = Release.objects.filter(digest__in=digests).values_list("digest", "pack")
    return {digest: msgspec.json.encode(pack).decode() for digest, pack in rows}


def packs(digests: Sequence[str]) -> dict[str, Pack]:
    """The packs of these releases, by digest."""
    rows = Release.objects.filter(digest__in=digests).values_list("digest", "pack")
    return {digest: msgspec.convert(pack, Pack) for digest, pack in rows}


def packs_by_slug(digests: Sequence[str]) -> Mapping[str, Pack]:
    """The packs of these releases, by slug; one release of a domain at most may be among them."""
    return {pack.slug: pack for pack in packs(digests).values()}


def personas() -> list[Persona]:
    """The active personas in order of slug."""
    return [
        msgspec.convert(row, Persona) for row in PersonaRow.objects.filter(active=True).order_by("slug").values_list("profile", flat=True)
    ]


def agent_profiles() -> list[AgentProfile]:
    """The active agent profiles in order of slug."""
    rows = AgentProfileRow.objects.filter(active=True).order_by("slug").values_list("profile", flat=True)
    return [msgspec.convert(row, AgentProfile) for row in rows]
