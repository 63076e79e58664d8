"""Drafts as authors write them: each change in one transaction with its audit entry, and what reading the text finds at once."""

import re
from collections.abc import Callable

from django.contrib.auth.models import User
from django.utils import timezone

from studio.access import audit
from synthesis.adapters.starter_files import draft_template
from synthesis.engine.packs import edit
from synthesis.engine.packs.findings import Finding, PackError
from synthesis.engine.packs.locate import located
from synthesis.engine.packs.model import Pack
from synthesis.engine.packs.parse import parse_pack
from synthesis.models import Domain, Release
from synthesis.services.drafts import (
    DraftConflict,
    DraftRefused,
    Facts,
    SlugRefused,
    domain_archive,
    domain_create,
    domain_restore,
    draft_save,
    draft_text,
    text_digest,
)

SLUG = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


def draft_findings(domain: Domain) -> list[Finding]:
    """What reading a draft finds, with lines; an audit finds more."""
    return read_draft(domain.pack_text, domain.slug)[1]


def read_draft(text: str, slug: str) -> tuple[Pack | None, list[Finding]]:
    """A draft as a pack, or None and why it is none."""
    try:
        pack = parse_pack(text)
    except PackError as error:
        return None, sorted(located(error.findings, text), key=lambda finding: finding.line)
    except RecursionError:
        return None, [Finding("file", "is nested too deep.", "Flatten it.")]
    if pack.slug != slug:
        remedy = f"Write slug: {slug}; a copy under another name is a new domain."
        wrong = Finding("slug", f"is {pack.slug}, but this domain is {slug}.", remedy)
        return None, located([wrong], text)
    return pack, []


def draft_write(*, actor: User, domain: Domain, text: str, version: int, note: str = "") -> int:
    """Save a draft that was read as ``version``; returns its version now. Raises DraftConflict, DraftRefused."""
    text = draft_text(text)
    if domain.version == version and domain.pack_text == text:
        return version
    pack, _ = read_draft(text, domain.slug) if domain.status == Domain.Status.DRAFT else (None, [])
    before = text_digest(domain.pack_text)
    with audit.change(actor, "catalogue.edit", "domain", domain.slug, domain.name, before=before, note=note) as told:
        saved = draft_save(domain=domain, text=text, version=version, facts=_facts(pack) if pack else {}, now=timezone.now())
        told.after = text_digest(text)
    return saved


def draft_edit(*, actor: User, domain: Domain, version: int, change: Callable[[str], str], note: str) -> int:
    """Change a part of a draft by ``change``, which gets its text. Raises DraftConflict, DraftRefused (with what to do)."""
    if domain.version != version:
        raise DraftConflict(domain)
    try:
        text = change(domain.pack_text)
    except edit.CannotEdit as error:
        raise DraftRefused(str(error)) from None
    except PackError as error:
        raise DraftRefused(str(error.findings[0])) from None
    return draft_write(actor=actor, domain=domain, text=text, version=version, note=note)


def draft_restore(*, actor: User, domain: Domain, release: Release) -> int:
    """Make the text of a release the draft again. Raises DraftConflict."""
    return draft_write(actor=actor, domain=domain, text=release.pack_text, version=domain.version, note=f"from release {release.number}")


def domain_begin(*, actor: User, slug: str, name: str, text: str, parent: Domain | None, origin: str) -> Domain:
    """A new domain with a draft. ``text`` "" begins with the template; otherwise slug and name are written into it where it can be read.

    Raises SlugRefused, DraftRefused.
    """
    if not SLUG.match(slug):
        raise SlugRefused("The name for links begins with a small letter and holds small letters, digits and underscores, 64 at most.")
    text = _called(draft_text(text or draft_template()), slug, name)
    pack, _ = read_draft(text, slug)
    facts = _facts(pack) if pack else Facts(name=name or slug, category="new", description="", complexity=1)
    with audit.change(actor, "catalogue.edit", "domain", slug, facts["name"], note="new domain") as told:
        domain = domain_create(slug=slug, text=text, origin=origin, parent=parent, **facts)
        told.after = text_digest(text)
    return domain


def _called(text: str, slug: str, name: str) -> str:
    """The text with another slug and name; as it is when it cannot be read, which its author then sees."""
    try:
        return edit.top_update(text, {"slug": slug} | ({"name": name} if name else {}))
    except (edit.CannotEdit, PackError):
        return text


def domain_shelve(*, actor: User, domain: Domain) -> None:
    """Archive a domain. Raises DraftRefused."""
    with audit.change(actor, "catalogue.publish", "domain", domain.slug, domain.name, note="archived"):
        domain_archive(domain=domain)


def domain_reopen(*, actor: User, domain: Domain) -> None:
    """Restore an archived domain. Raises DraftRefused."""
    with audit.change(actor, "catalogue.publish", "domain", domain.slug, domain.name, note="restored"):
        domain_restore(domain=domain)


def _facts(pack: Pack) -> Facts:
    return Facts(
        name=pack.name[:200],
        description=pack.description,
        category=pack.category[:200],
        complexity=pack.complexity,
        required_tools=list(pack.tools),
    )
