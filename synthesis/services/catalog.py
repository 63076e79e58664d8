"""Publishing and installing: packs become releases with registry rows."""

from collections.abc import Iterable, Mapping

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F, Max

from synthesis.engine.packs.model import Pack
from synthesis.models import Domain, DomainRelation, PackAudit, Release, Tool
from synthesis.services.drafts import DraftRefused, text_digest

LICENCE = "Apache-2.0"


class Audited(msgspec.Struct, frozen=True):
    """The summary of an audit that a pack passed. ``seeds`` are audited world seeds; ``variations`` says how many of ``tried`` draws of
    each gave a scenario;
    ``intents`` holds the figures of each intent, ``warnings`` the findings that do not forbid publishing."""

    slug: str
    seeds: list[int]
    variations: dict[str, int]
    tried: int
    intents: dict[str, dict[str, object]] = {}
    warnings: list[str] = []
    fuzzed: int = 0
    writes: int = 0


def pack_publish(*, pack: Pack, text: str, audited: Audited, origin: str = Domain.Origin.STARTER) -> Release:
    """Make ``pack`` the newest release of its domain and ``text`` its draft; the same content again changes nothing.

    A draft that somebody has edited since is left alone: only releases of starter packs follow their files.
    """
    with transaction.atomic():
        domain, created = Domain.objects.get_or_create(slug=pack.slug, defaults=_domain(pack, text) | {"origin": origin})
        known = Release.objects.filter(digest=pack.digest).first()
        if known is not None:
            return known
        newest = domain.releases.order_by("-number").first()
        if not created and newest is not None and newest.pack_text == domain.pack_text:
            Domain.objects.filter(pk=domain.pk).update(**_domain(pack, text), version=domain.version + 1)
        return _release(domain, pack, text, audited, {"parent": newest.digest if newest else None, "origin": origin})


def draft_publish(*, audit: PackAudit, pack: Pack, audited: Audited, author: str) -> Release:
    """Make the text that ``audit`` passed the newest release of its domain, which is in use from then on.

    Raises DraftRefused when the audit found errors, when the draft is another text by now, or when a release has that content already.
    """
    if not audit.passed:
        raise DraftRefused("Only a draft that passed its audit can be published.")
    with transaction.atomic():
        # Whoever publishes the same domain at the same time waits here.
        Domain.objects.filter(pk=audit.domain_id).update(version=F("version"))
        domain = Domain.objects.get(pk=audit.domain_id)
        if text_digest(domain.pack_text) != audit.text_digest:
            raise DraftRefused("The draft has changed since this audit. Audit it as it is now, then publish.")
        if pack.slug != domain.slug:
            raise DraftRefused(f"The pack is called {pack.slug}, the domain {domain.slug}. Write slug: {domain.slug}.")
        known = Release.objects.filter(digest=pack.digest).first()
        if known is not None:
            raise DraftRefused(f"Release {known.number} has the same content already: comments and layout alone make no release.")
        newest = domain.releases.order_by("-number").first()
        Domain.objects.filter(pk=domain.pk).update(**_domain(pack, domain.pack_text))
        lineage = {"parent": newest.digest if newest else None, "origin": Domain.Origin.AUTHORED, "author": author, "audit": audit.pk}
        return _release(domain, pack, domain.pack_text, audited, lineage)


def evolved_publish(*, pack: Pack, text: str, audited: Audited, lineage: Mapping[str, object], base: str = "", parent: str = "") -> Release:
    """Make a pack that a model wrote a release: of a new domain, or of the one whose release ``base`` (a digest) it was written from.
    ``parent`` is the slug of the domain whose sibling it is, "" for none.

    Raises DraftRefused when the slug is taken, when there is a newer release than ``base``, or a release with that content.
    """
    with transaction.atomic():
        known = Release.objects.filter(digest=pack.digest).select_related("domain").first()
        if known is not None:
            raise DraftRefused(f"Release {known.number} of {known.domain.slug} has the same content already.")
        if not base:
            try:
                with transaction.atomic():
                    beside = Domain.objects.filter(slug=parent).first() if parent else None
                    domain = Domain.objects.create(slug=pack.slug, origin=Domain.Origin.EVOLVED, parent=beside, **_domain(pack, text))
            except IntegrityError:
                raise DraftRefused(f"There is a domain {pack.slug} by now.") from None
            return _release(domain, pack, text, audited, {"parent": None, "beside": parent or None, **lineage})
        Domain.objects.filter(slug=pack.slug).update(version=F("version"))
        domain = Domain.objects.get(slug=pack.slug)
        newest = domain.releases.order_by("-number").first()
        if newest is None or newest.digest != base:
            raise DraftRefused("The domain has a newer release than the one that this was written from.")
        if newest.pack_text == domain.pack_text:
            Domain.objects.filter(pk=domain.pk).update(pack_text=text, version=F("version") + 1)
        return _release(domain, pack, text, audited, {"parent": base, **lineage})


def _release(domain: Domain, pack: Pack, text: str, audited: Audited, lineage: Mapping[str, object]) -> Release:
    """The next release of a domain, with its tools."""
    release = Release.objects.create(
        domain=domain,
        number=(domain.releases.aggregate(last=Max("number"))["last"] or 0) + 1,
        digest=pack.digest,
        pack_text=text,
        pack=pack,
        audit=msgspec.to_builtins(audited),
        seeds=audited.seeds,
        variations={variation: draws for variation, draws in audited.variations.items() if draws},
        lineage=dict(lineage),
    )
    Tool.objects.bulk_create(_tool(release, pack, name) for name in pack.tools)
    return release


def _domain(pack: Pack, text: str) -> dict[str, object]:
    return {
        "name": pack.name,
        "description": pack.description,
        "category": pack.category,
        "complexity": pack.complexity,
        "pack_text": text,
        "required_tools": list(pack.tools),
        "status": Domain.Status.ACTIVE,
    }


def _tool(release: Release, pack: Pack, name: str) -> Tool:
    tool = pack.tools[name]
    examples = [{"arguments": error.example, "error": error.code} for error in tool.errors if error.example is not None]
    return Tool(
        release=release,
        name=name,
        kind=Tool.Kind.SIMULATED if tool.simulated else Tool.Kind.PROGRAM,
        description=tool.description,
        parameters=tool.parameters,
        returns=tool.returns,
        effect=tool.effect,
        side=tool.requestor,
        confirm=tool.confirm,
        errors=[{"code": error.code, "when": error.when} for error in tool.errors],
        examples=examples,
        domains=[pack.slug],
        tags=[pack.key_category],
        source=f"pack {pack.slug}",
        licence=LICENCE,
    )


def relations_install(*, packs: Iterable[Pack]) -> int:
    """Tie the domains that are in the catalogue as their packs say; returns how many ties are new."""
    with transaction.atomic():
        domains = {domain.slug: domain for domain in Domain.objects.defer("pack_text")}
        new = 0
        for pack in packs:
            for tie in pack.related:
                if tie.domain in domains and tie.domain != pack.slug:
                    _, created = DomainRelation.objects.get_or_create(domain=domains[pack.slug], other=domains[tie.domain], kind=tie.kind)
                    new += created
        return new
