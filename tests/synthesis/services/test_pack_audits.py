"""Audits of drafts: one at a time, each done once, whatever becomes of messages and workers."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from synthesis.engine.audit.report import AuditReport
from synthesis.engine.packs.findings import Finding
from synthesis.models import Domain, PackAudit
from synthesis.selectors import drafts
from synthesis.services.drafts import DraftConflict, DraftRefused, domain_create, draft_save, draft_text
from synthesis.services.jobs import jobs_asked
from synthesis.services.pack_audits import (
    KEPT,
    MOST_ATTEMPTS,
    pack_audit_ask,
    pack_audit_done,
    pack_audit_failed,
    pack_audit_go_on,
    pack_audit_take,
)

pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=30)
NOW = timezone.now()
LATER = NOW + timedelta(minutes=2)
REPORT = AuditReport("d", "digest", [Finding("tools", "x", "y"), Finding("tools", "x", "y", severity="warning")])


@pytest.fixture
def domain() -> Domain:
    return Domain.objects.create(slug="d", name="D", category="c", pack_text="one")


def ask(domain: Domain, text: str = "") -> PackAudit:
    if text:
        Domain.objects.filter(pk=domain.pk).update(pack_text=text)
        domain.refresh_from_db()
    return pack_audit_ask(domain=domain, asked_by="ann", now=NOW)


def test_the_same_text_is_audited_once_at_a_time_and_another_replaces_it(domain: Domain) -> None:
    first = ask(domain)
    assert ask(domain).pk == first.pk
    second = ask(domain, "two")
    first.refresh_from_db()
    assert (first.status, second.status, second.text) == ("replaced", "queued", "two")
    with pytest.raises(IntegrityError), transaction.atomic():
        PackAudit.objects.create(domain=domain, text="x", text_digest="x", asked_by="x", created=NOW, asked=NOW)


def test_a_doubled_message_finds_it_taken(domain: Domain) -> None:
    job = ask(domain)
    assert pack_audit_take(audit_id=job.pk, lease=LEASE, now=NOW) == 1
    assert pack_audit_take(audit_id=job.pk, lease=LEASE, now=NOW) == 0
    assert pack_audit_take(audit_id=job.pk + 999, lease=LEASE, now=NOW) == 0


def test_a_lost_worker_is_followed_by_another_whose_word_counts(domain: Domain) -> None:
    job = ask(domain)
    assert pack_audit_take(audit_id=job.pk, lease=LEASE, now=NOW) == 1
    assert drafts.audits_lost(now=NOW, asked_before=NOW) == []
    assert drafts.audits_lost(now=LATER, asked_before=LATER) == [job.pk]
    assert pack_audit_take(audit_id=job.pk, lease=LEASE, now=LATER) == 2
    assert not pack_audit_go_on(audit_id=job.pk, attempt=1, progress=("tools", 1, 2), lease=LEASE, now=LATER), "the first one is out"
    assert not pack_audit_done(audit_id=job.pk, attempt=1, report=REPORT, now=LATER)
    pack_audit_failed(audit_id=job.pk, attempt=1, error="late", now=LATER)
    assert pack_audit_go_on(audit_id=job.pk, attempt=2, progress=("tools", 1, 2), lease=LEASE, now=LATER)
    assert pack_audit_done(audit_id=job.pk, attempt=2, report=REPORT, now=LATER)
    job.refresh_from_db()
    assert (job.status, job.stage, job.errors, job.warnings, job.passed) == ("done", "tools", 1, 1, False)
    assert pack_audit_take(audit_id=job.pk, lease=LEASE, now=LATER + LEASE * 9) == 0


def test_what_loses_every_worker_fails(domain: Domain) -> None:
    job = ask(domain)
    now = NOW
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert pack_audit_take(audit_id=job.pk, lease=LEASE, now=now) == attempt
        now += timedelta(minutes=1)
    assert pack_audit_take(audit_id=job.pk, lease=LEASE, now=now) == 0
    job.refresh_from_db()
    assert (job.status, job.error) == ("failed", "The workers that did it were lost.")


def test_a_message_that_was_lost_is_noticed_once_a_minute(domain: Domain) -> None:
    job = ask(domain)
    assert drafts.audits_lost(now=NOW, asked_before=NOW - LEASE) == []
    assert drafts.audits_lost(now=LATER, asked_before=LATER - LEASE) == [job.pk]
    jobs_asked(jobs=PackAudit.objects, ids=[job.pk], now=LATER)
    assert drafts.audits_lost(now=LATER, asked_before=LATER - LEASE) == []


def test_a_replaced_audit_is_over_for_its_worker(domain: Domain) -> None:
    job = ask(domain)
    attempt = pack_audit_take(audit_id=job.pk, lease=LEASE, now=NOW)
    ask(domain, "two")
    assert not pack_audit_go_on(audit_id=job.pk, attempt=attempt, progress=("", 0, 0), lease=LEASE, now=NOW)
    assert not pack_audit_done(audit_id=job.pk, attempt=attempt, report=REPORT, now=NOW)


def test_only_so_many_are_kept(domain: Domain) -> None:
    for number in range(KEPT + 5):
        ask(domain, f"text {number}")
    assert PackAudit.objects.count() == KEPT
    newest = drafts.newest_audit(domain.pk)
    assert newest is not None and newest.text_digest == ask(domain).text_digest


def test_drafts_are_saved_by_version(domain: Domain) -> None:
    assert draft_save(domain=domain, text="two", version=1, facts={"name": "New"}, now=NOW) == 2
    with pytest.raises(DraftConflict) as conflict:
        draft_save(domain=domain, text="three", version=1, facts={}, now=NOW)
    assert conflict.value.domain.pack_text == "two"
    assert draft_save(domain=domain, text="two", version=1, facts={}, now=NOW) == 2, "the same text is no conflict"
    Domain.objects.update(status="active")
    domain.refresh_from_db()
    draft_save(domain=domain, text="four", version=2, facts={"name": "Newer"}, now=NOW)
    assert Domain.objects.get().name == "New", "what is published says what it is called"
    with pytest.raises(DraftRefused):
        domain_create(slug="d", text="", origin="authored", name="D", category="c")


def test_texts_are_kept_as_one_kind() -> None:
    assert draft_text("\ufeffa\r\nb\rc\x00\n") == "a\nb\nc\ufffd\n"
