"""Audits on request: asked for, done in a sandbox, asked for again; and releases that people made survive the starter catalogue."""

from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from studio.access.audit import entries
from studio.management.commands.worker import QUEUES
from studio.models import Role
from studio.pipelines import audits
from studio.pipelines.catalog import audited, install
from studio.queue import AUDIT
from studio.workers import author
from synthesis.engine.audit.report import AuditReport
from synthesis.models import Domain, PackAudit, Release
from synthesis.services.drafts import DraftRefused
from tests.builders_runs import pack_text
from tests.packs import tool_shed_text
from tests.people import make_person

BOMB = tool_shed_text().replace(
    'def seed():\n      for member in find("members"):', "def seed():\n      [x for x in range(10000000000)]\n      for member in []:"
)


def shed(text: str = "") -> Domain:
    return Domain.objects.create(slug="tool_shed", name="S", category="c", pack_text=text or tool_shed_text())


def test_a_worker_takes_them_from_the_queue_of_authors() -> None:
    assert author.audit_draft.name == AUDIT in current_app.tasks
    assert "author" in QUEUES


@pytest.mark.django_db(transaction=True)
def test_a_pack_that_never_ends_is_a_finding_and_publishes_nothing() -> None:
    assert tool_shed_text() != BOMB
    domain, ann = shed(BOMB), make_person("ann", Role.AUTHOR)
    job = audits.audit_ask(actor=ann, domain=domain)
    assert audits.audit_run(audit_id=job.pk) == "done"
    assert audits.audit_run(audit_id=job.pk) == "done", "a doubled message does nothing"
    job.refresh_from_db()
    assert job.errors and not job.passed and job.report["findings"]
    with pytest.raises(DraftRefused):
        audits.publish(actor=ann, audit_id=job.pk)
    assert not Release.objects.exists() and Domain.objects.get().status == "draft"
    assert [entry.note for entry in entries()] == ["audit"], "a refused publication leaves no entry"


@pytest.mark.django_db
def test_what_cannot_be_read_is_not_asked_for() -> None:
    with pytest.raises(DraftRefused, match="line 3"):
        audits.audit_ask(actor=make_person("ann", Role.AUTHOR), domain=shed("a: 1\nb: ["))
    with pytest.raises(DraftRefused, match="slug"):
        audits.audit_ask(
            actor=make_person("bob", Role.AUTHOR), domain=Domain.objects.create(slug="x", name="X", pack_text=tool_shed_text())
        )
    assert not PackAudit.objects.exists()


@pytest.mark.django_db
def test_lost_messages_are_sent_again() -> None:
    job = audits.audit_ask(actor=make_person("ann", Role.AUTHOR), domain=shed())
    now = timezone.now()
    assert audits.audits_ask_again(now=now) == []
    assert audits.audits_ask_again(now=now + timedelta(minutes=2)) == [job.pk]
    assert audits.audits_ask_again(now=now + timedelta(minutes=2)) == []
    assert audits.audit_run(audit_id=job.pk + 999) == "gone"


@pytest.mark.django_db
def test_an_authored_release_and_an_archived_domain_survive_the_starter_catalogue() -> None:
    install()
    domain = Domain.objects.get(slug="vet_clinic")
    first = domain.releases.get()
    text = pack_text("vet_clinic").replace("complexity: 3\n", "complexity: 4\n", 1)
    Domain.objects.filter(pk=domain.pk).update(pack_text=text)
    Domain.objects.filter(slug="hotel_desk").update(status="archived")
    domain.refresh_from_db()
    ann = make_person("ann", Role.AUTHOR)
    job = audits.audit_ask(actor=ann, domain=domain)
    report = AuditReport("vet_clinic", "", seeds=[1, 2, 3], variations={"plain": 10}, tried=10)
    assert audited(report).seeds == [1, 2, 3]
    PackAudit.objects.filter(pk=job.pk).update(status="done", report=report)
    release = audits.publish(actor=ann, audit_id=job.pk)
    assert (release.number, release.lineage["parent"]) == (2, first.digest)
    assert install().new_releases == 0
    assert domain.releases.count() == 2 and Domain.objects.get(slug="vet_clinic").pack_text == text
    assert Domain.objects.get(slug="hotel_desk").status == "archived"
