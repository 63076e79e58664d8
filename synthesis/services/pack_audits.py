"""Audits of drafts: asked for at a door, done by whichever worker comes first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from synthesis.engine.audit.report import AuditReport
from synthesis.models import OPEN_AUDITS, Domain, PackAudit, PackAuditStatus
from synthesis.services.drafts import text_digest

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


def pack_audits_asked(*, audit_ids: Sequence[int], now: datetime) -> None:
    """Note that workers were asked for once more."""
    PackAudit.objects.filter(pk__in=audit_ids).update(asked=now)


def pack_audit_take(*, audit_id: int, lease: timedelta, now: datetime) -> int:
    """The number of this attempt when the audit is the caller's until the lease ends; 0 when it is somebody else's or over.

    An audit that was taken MOST_ATTEMPTS times without an end fails here.
    """
    with transaction.atomic():
        lapsed = Q(status=PackAuditStatus.AUDITING, lease_until__lt=now)
        PackAudit.objects.filter(lapsed, pk=audit_id, attempts__gte=MOST_ATTEMPTS).update(
            status=PackAuditStatus.FAILED, error="The workers that did it were lost.", finished=now, lease_until=None
        )
        mine = PackAudit.objects.filter(lapsed | Q(status=PackAuditStatus.QUEUED), pk=audit_id)
        taken = mine.update(status=PackAuditStatus.AUDITING, lease_until=now + lease, started=now, attempts=F("attempts") + 1)
        return PackAudit.objects.values_list("attempts", flat=True).get(pk=audit_id) if taken else 0


def pack_audit_go_on(*, audit_id: int, attempt: int, progress: tuple[str, int, int], lease: timedelta, now: datetime) -> bool:
    """Say how far it is and keep it for longer. False when it is the caller's no more: then there is no use in going on."""
    stage, done, total = progress
    mine = PackAudit.objects.filter(pk=audit_id, status=PackAuditStatus.AUDITING, attempts=attempt)
    return bool(mine.update(stage=stage[:20], stage_done=done, stage_total=total, lease_until=now + lease))


def pack_audit_done(*, audit_id: int, attempt: int, report: AuditReport, now: datetime) -> bool:
    """Keep what the audit found. False when it is the caller's no more."""
    errors = len(report.errors)
    mine = PackAudit.objects.filter(pk=audit_id, status=PackAuditStatus.AUDITING, attempts=attempt)
    return bool(
        mine.update(
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
    PackAudit.objects.filter(pk=audit_id, status=PackAuditStatus.AUDITING, attempts=attempt).update(
        status=PackAuditStatus.FAILED, error=error or "unknown", finished=now, lease_until=None
    )
