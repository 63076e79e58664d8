"""Drafts: what authors write on domains before it becomes a release."""

import hashlib
from datetime import datetime
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import F

from synthesis.models import Domain
from synthesis.services.border import clean_text

LARGEST_PACK = 2 * 1024 * 1024
"""Bytes of UTF-8."""


class DraftRefused(ValueError):
    """What was asked for cannot be done; the message says why and how to mend it."""


class SlugRefused(DraftRefused):
    """A domain cannot be called that."""


class DraftConflict(DraftRefused):
    """Somebody else has saved the draft in between; ``domain`` is what stands there now."""

    def __init__(self, domain: Domain) -> None:
        super().__init__("Somebody else has saved this draft in the meantime.")
        self.domain = domain


class Facts(TypedDict, total=False):
    """What a domain without a release is called in the catalogue; afterwards the newest release says so."""

    name: str
    description: str
    category: str
    complexity: int
    required_tools: list[str]


def draft_text(raw: str) -> str:
    """A text as it came from a browser or a file, as drafts are kept: lines end with LF, no byte order mark, no characters that a database
    refuses. Raises DraftRefused when it is too large."""
    text = clean_text(raw.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    size = len(text.encode())
    if size > LARGEST_PACK:
        raise DraftRefused(f"The text has {size:,} bytes; a pack has at most {LARGEST_PACK:,}. Split the domain in two.")
    return text


def text_digest(text: str) -> str:
    """The name of a text: its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def domain_create(*, slug: str, text: str, origin: str, parent: Domain | None = None, **facts: Unpack[Facts]) -> Domain:
    """A new domain with a draft and no release. Raises SlugRefused when there is one of that slug."""
    try:
        with transaction.atomic():
            return Domain.objects.create(slug=slug, pack_text=text, origin=origin, parent=parent, **facts)
    except IntegrityError:
        raise SlugRefused(f"There is a domain {slug} already. Choose another name for files and links.") from None


def draft_save(*, domain: Domain, text: str, version: int, facts: Facts, now: datetime) -> int:
    """Put ``text`` in place of the draft of that ``version``; returns the new version. The same text again changes nothing.

    ``facts`` count as long as nothing is published. Raises DraftConflict when the draft is of another version by now.
    """
    if domain.version == version and domain.pack_text == text:
        return version
    shown = facts if domain.status == Domain.Status.DRAFT else {}
    saved = Domain.objects.filter(pk=domain.pk, version=version).update(pack_text=text, version=F("version") + 1, updated=now, **shown)
    if saved:
        return version + 1
    present = Domain.objects.get(pk=domain.pk)
    if present.pack_text == text:
        return int(present.version)
    raise DraftConflict(present)


def domain_archive(*, domain: Domain) -> None:
    """No new run uses the domain. Raises DraftRefused unless it is in use."""
    if not Domain.objects.filter(pk=domain.pk, status=Domain.Status.ACTIVE).update(status=Domain.Status.ARCHIVED):
        raise DraftRefused("Only a domain in use can be archived.")


def domain_restore(*, domain: Domain) -> None:
    """Runs may use the domain again. Raises DraftRefused unless it is archived."""
    if not Domain.objects.filter(pk=domain.pk, status=Domain.Status.ARCHIVED).update(status=Domain.Status.ACTIVE):
        raise DraftRefused("Only an archived domain can be restored.")
