"""What authors look at: drafts' audits, and the texts of releases."""

from collections.abc import Sequence
from datetime import datetime

from synthesis.models import Domain, PackAudit, PackAuditStatus, Release
from synthesis.selectors.jobs import jobs_lost


def pack_audit(audit_id: int) -> PackAudit | None:
    """One audit with its text and report, or None."""
    return PackAudit.objects.filter(pk=audit_id).first()


def audit_of_text(domain_id: int, digest: str) -> PackAudit | None:
    """The newest audit of a text of a domain, with its report; those that a newer text replaced do not count."""
    rows = PackAudit.objects.filter(domain_id=domain_id, text_digest=digest).exclude(status=PackAuditStatus.REPLACED)
    return rows.defer("text").first()


def newest_audit(domain_id: int) -> PackAudit | None:
    """The newest audit of a domain, whatever its text is; without text and report."""
    return PackAudit.objects.filter(domain_id=domain_id).exclude(status=PackAuditStatus.REPLACED).defer("text", "report").first()


def audits_lost(*, now: datetime, asked_before: datetime) -> Sequence[int]:
    """Audits that nobody does although a worker was asked for before ``asked_before``, oldest first."""
    return jobs_lost(PackAudit.objects, working=PackAuditStatus.AUDITING, now=now, asked_before=asked_before)


def release_numbered(slug: str, number: int) -> Release | None:
    """A release of a domain with its text, without its parsed pack; or None."""
    return Release.objects.filter(domain__slug=slug, number=number).defer("pack", "audit").first()


def newest_text(slug: str) -> Release | None:
    """The newest release of a domain with its text, without its parsed pack; or None."""
    return Release.objects.filter(domain__slug=slug).defer("pack", "audit").order_by("-number").first()


def release_numbers(slug: str) -> Sequence[int]:
    """Numbers of a domain's newest releases, newest first; two hundred at most."""
    return list(Release.objects.filter(domain__slug=slug).order_by("-number").values_list("number", flat=True)[:200])


def domains_to_copy() -> Sequence[tuple[str, str]]:
    """Slug and name of every domain, for choosing one to copy; a thousand at most."""
    return list(Domain.objects.order_by("name", "slug").values_list("slug", "name")[:1000])
