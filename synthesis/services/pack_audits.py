"""Audits of drafts: asked for at a door, done by whichever worker comes first."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from synthesis.engine.audit.report import AuditReport
from synthesis.models import OPEN_AUDITS, Domain, PackAudit, PackAuditStatus
from synthesis.services.drafts import text_digest
from synthesis.services.jobs import job_take

MOST_ATTEMPTS = 3
"""An audit whose worker died that often has failed."""
KEPT = 20
"""Audits kept per domain, newest first; what a release passed is kept in the release."""


def pack_audit_ask(*, domain: Domain, asked_by: str, now: datetime) -> PackAudit:
    """Note that the draft as it stands is to be audited. An audit of the same text that is under way is given again; one of another text
    is replaced."""
    digest = text_digest(domain.pack_text)
    with transaction.atomic():
        # Two askers queue here, so that neither meets the other's row half-way.
        Domain.objects.filter(pk=domain.pk).update(version=F("version"))
        under_way = PackAudit.objects.filter(domain=domain, status__in=OPEN_AUDITS)
        same = under_way.filter(text_digest=digest).first()
        if same is not None:
            return same
        under_way.update(status=PackAuditStatus.REPLACED, finished=now, lease_until=None)
        old = PackAudit.objects.filter(domain=domain).order_by("-pk").values_list("pk", flat=True)[KEPT - 1 :]
        PackAudit.objects.filter(pk__in=list(old)).delete()
        return PackAudit.objects.create(
            domain=domain, text=domain.pack_text, text_digest=digest, asked_by=asked_by[:150], created=now, asked=now
        )


def pack_audit_take(*, audit_id: int, lease: timedelta, now: datetime) -> int:
    """The number of this attempt when the audit is the caller's until the lease ends; 0 when it is somebody else's or over.

    An audit that was taken MOST_ATTEMPTS times without an end fails here.
    """
    job, lost = PackAudit.objects.filter(pk=audit_id), "The workers that did it were lost."
    return job_take(job=job, working=PackAuditStatus.AUDITING, lease=lease, now=now, most=MOST_ATTEMPTS, lost=lost, started=now)


def pack_audit_go_on(*, audit_id: int, attempt: int, progress: tuple[str, int, int], lease: timedelta, now: datetime) -> bool:
    """Say how far it is and keep it for longer. False when it is the caller's no more: then there is no use in going on."""
    stage, done, total = progress
    return bool(_mine(audit_id, attempt).update(stage=stage[:20], stage_done=done, stage_total=total, lease_until=now + lease))


def pack_audit_done(*, audit_id: int, attempt: int, report: AuditReport, now: datetime) -> bool:
    """Keep what the audit found. False when it is the caller's no more."""
    errors = len(report.errors)
    return bool(
        _mine(audit_id, attempt).update(
            status=PackAuditStatus.DONE,
            report=report,
            errors=errors,
            warnings=len(report.findings) - errors,
            finished=now,
            lease_until=None,
        )
    )


def pack_audit_failed(*, audit_id: int, attempt: int, error: str, now: datetime) -> None:
    """There will be no report, and ``error`` says why."""
    _mine(audit_id, attempt).update(status=PackAuditStatus.FAILED, error=error or "unknown", finished=now, lease_until=None)


def _mine(audit_id: int, attempt: int) -> QuerySet[PackAudit]:
    return PackAudit.objects.filter(pk=audit_id, status=PackAuditStatus.AUDITING, attempts=attempt)
