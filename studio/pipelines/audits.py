"""Audits of drafts on request: asked for at a door, done by a worker in a sandbox, asked for again by the tick when a message was lost; and
publishing what passed."""

import asyncio
import logging
from datetime import datetime, timedelta

import msgspec
from django.contrib.auth.models import User
from django.utils import timezone

from studio import queue
from studio.access import audit
from studio.pipelines.catalog import audit_in_sandbox, audited
from studio.pipelines.drafts import read_draft
from studio.pipelines.jobs import Lost, ask_again, ask_worker, still_ours, watched
from synthesis.engine.audit.report import AuditReport
from synthesis.engine.packs.locate import located
from synthesis.engine.packs.model import Pack
from synthesis.models import Domain, PackAudit, Release
from synthesis.selectors import catalog, drafts
from synthesis.services.catalog import draft_publish, relations_install
from synthesis.services.database import DatabaseThread
from synthesis.services.drafts import DraftRefused
from synthesis.services.pack_audits import (
    pack_audit_ask,
    pack_audit_done,
    pack_audit_failed,
    pack_audit_go_on,
    pack_audit_take,
)

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)
"""An audit at work says so every second; one that is silent for so long is taken by somebody else."""
BEAT = 1.0


def audit_ask(*, actor: User, domain: Domain) -> PackAudit:
    """Ask for an audit of the draft as it stands. Raises DraftRefused when it cannot even be read."""
    _pack, findings = read_draft(domain.pack_text, domain.slug)
    if findings:
        raise DraftRefused(f"The text cannot be audited before it can be read: {findings[0]}")
    with audit.change(actor, "catalogue.edit", "domain", domain.slug, domain.name, note="audit") as told:
        job = pack_audit_ask(domain=domain, asked_by=actor.get_username(), now=timezone.now())
        told.after = job.text_digest
        ask_worker(queue.audit_enqueue, job.pk)
    return job


def audit_run(*, audit_id: int) -> str:
    """Do an audit. Does nothing when somebody else does. Returns its status ("gone" when there is no such audit)."""
    attempt = pack_audit_take(audit_id=audit_id, lease=LEASE, now=timezone.now())
    job = drafts.pack_audit(audit_id)
    if not attempt or job is None:
        return job.status if job else "gone"
    try:
        report = _report(job, attempt)
    except Lost:
        return "lost"
    except Exception:
        logger.exception("audit %s", audit_id)
        problem = "The studio could not finish it; its log says why."
        pack_audit_failed(audit_id=audit_id, attempt=attempt, error=problem, now=timezone.now())
        raise
    return "done" if pack_audit_done(audit_id=audit_id, attempt=attempt, report=report, now=timezone.now()) else "lost"


def _report(job: PackAudit, attempt: int) -> AuditReport:
    """What the audit of a text finds, each finding with its line."""
    pack, findings = read_draft(job.text, job.domain.slug)
    if pack is None:
        return AuditReport(job.domain.slug, "", findings)
    releases = catalog.active_releases()
    beside = catalog.packs_by_slug([release.digest for slug, release in releases.items() if slug != pack.slug])
    report = asyncio.run(_watched(job.pk, attempt, pack, dict(beside)))
    return msgspec.structs.replace(report, findings=located(report.findings, job.text))


async def _watched(audit_id: int, attempt: int, pack: Pack, beside: dict[str, Pack]) -> AuditReport:
    """An audit that tells the database how far it is, and ends when it is no longer wanted. Raises Lost."""
    progress: tuple[str, int, int] = ("", 0, 0)

    def told(stage: str, done: int, total: int) -> None:
        nonlocal progress
        progress = (stage, done, total)

    async with DatabaseThread("audit") as database:
        work = audit_in_sandbox(pack, beside, told=told)
        return await watched(work, lambda: database.run(_go_on, audit_id, attempt, progress), BEAT)


def _go_on(audit_id: int, attempt: int, progress: tuple[str, int, int]) -> bool:
    return still_ours(
        f"audit {audit_id}", pack_audit_go_on, audit_id=audit_id, attempt=attempt, progress=progress, lease=LEASE, now=timezone.now()
    )


def audits_ask_again(*, now: datetime) -> list[int]:
    """Enqueue audits whose message or worker was lost. Returns their ids."""
    return ask_again(PackAudit.objects, drafts.audits_lost, queue.audit_enqueue, now=now)


def publish(*, actor: User, audit_id: int) -> Release:
    """Make the text that an audit passed a release; runs that start afterwards use it. Raises DraftRefused and leaves nothing behind."""
    job = drafts.pack_audit(audit_id)
    if job is None or job.report is None:
        raise DraftRefused("Only a draft that passed its audit can be published.")
    pack, findings = read_draft(job.text, job.domain.slug)
    if pack is None:
        raise DraftRefused(str(findings[0]))
    summary = audited(msgspec.convert(job.report, AuditReport))
    newest = drafts.newest_text(job.domain.slug)
    before = newest.digest if newest else None
    with audit.change(actor, "catalogue.publish", "domain", job.domain.slug, job.domain.name, before=before) as told:
        release = draft_publish(audit=job, pack=pack, audited=summary, author=actor.get_username())
        relations_install(packs=[pack])
        told.after, told.note = release.digest, f"release {release.number}, audit {job.pk}"
    return release
