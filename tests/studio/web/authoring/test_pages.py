"""Writing a domain in the browser: draft, findings, audit, release."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import AuditEntry, Role
from studio.pipelines.audits import audit_run
from synthesis.models import Domain, PackAudit, Release
from synthesis.services.drafts import LARGEST_PACK
from tests.builders_runs import install, pack_text
from tests.packs import tool_shed_text
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
HOSTILE = "<script>alert(1)</script>\u202e</textarea><img src=x onerror=alert(2)>"
AJAX = {"HX-Request": "true"}


def shed(text: str = "") -> Domain:
    """A domain of which nothing is published."""
    return Domain.objects.create(slug="tool_shed", name="Tool shed", category="community/sharing", pack_text=text or tool_shed_text())


def at(page: str, *more: object) -> str:
    return reverse(f"authoring:{page}", args=["tool_shed", *more])


def test_nobody_is_sent_to_sign_in_and_a_stranger_sees_nothing(client: Client, stranger: User) -> None:
    shed()
    for url in (reverse("authoring:new"), at("pack"), at("changes"), at("publish"), at("download", "draft")):
        assert client.get(url).status_code == 302
        assert signed_in(stranger).get(url).status_code == 404


def test_what_is_not_there_is_404(browser_of: BrowserOf) -> None:
    shed()
    browser = browser_of(Role.AUTHOR)
    for url in (at("download", 1), at("download", "x"), at("download", "9" * 30), at("changes").replace("tool_shed", "nowhere")):
        assert browser.get(url).status_code == 404
    assert browser.post(at("restore", 1)).status_code == 404


def test_a_draft_is_saved_with_its_facts_and_an_entry_in_the_trail(browser_of: BrowserOf) -> None:
    domain = shed()
    browser = browser_of(Role.AUTHOR)
    text = tool_shed_text().replace("name: Tool shed\n", "name: Garden shed\n")
    assert browser.post(at("pack"), {"text": text.replace("\n", "\r\n"), "version": 1}).status_code == 302
    domain.refresh_from_db()
    assert (domain.pack_text, domain.version, domain.name) == (text, 2, "Garden shed")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id) == ("catalogue.edit", "tool_shed") and entry.before != entry.after
    browser.post(at("pack"), {"text": text, "version": 2})
    domain.refresh_from_db()
    assert domain.version == 2 and AuditEntry.objects.count() == 1, "the same text again is no change"


def test_two_writers_notice_each_other_and_nothing_is_lost(browser_of: BrowserOf) -> None:
    shed("name: old\n")
    browser = browser_of(Role.AUTHOR)
    browser.post(at("pack"), {"text": "name: theirs\n", "version": 1})
    answer = browser.post(at("pack"), {"text": "name: mine\n", "version": 1})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "name: theirs" in page and "name: mine" in page and 'name="version" value="2"' in page
    assert Domain.objects.get().pack_text == "name: theirs\n"
    assert browser.post(at("pack"), {"text": "name: mine\n", "version": 1}, headers=AJAX).status_code == 409
    assert browser.post(at("pack"), {"text": "name: mine\n", "version": 2}).status_code == 302
    assert browser.post(at("pack"), {"text": "name: mine\n", "version": 1}).status_code == 302, "the same text is no conflict"


def test_a_broken_line_is_named_at_once(browser_of: BrowserOf) -> None:
    shed()
    text = tool_shed_text().replace("effect: read", "effect: look", 1)
    line = text[: text.index("effect: look")].count("\n") + 1
    answer = browser_of(Role.AUTHOR).post(at("pack"), {"text": text, "version": 1}, headers=AJAX)
    page = answer.content.decode()
    assert answer.status_code == 200 and "<html" not in page and 'data-version="2"' in page
    assert f'data-finding="{line}"' in page and "tools.0.effect" in page


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        "tools: [" + "{a: " * 5_000,
        "a: &x [1]\nb: *x",
        "\x00\ufeff",
        "- " * 3_000 + "x",
        f"format: domain-pack/1\nname: '{HOSTILE}'\ntools: [{{name: '{HOSTILE}'}}]\n",
        "tools:\n  - name: '<b>'\n  - id: x\n" + "x: 1\n" * 3,
    ],
    ids=range(7),
)
def test_any_text_is_kept_and_harmless(browser_of: BrowserOf, text: str) -> None:
    shed()
    browser = browser_of(Role.AUTHOR)
    assert browser.post(at("pack"), {"text": text, "version": 1}).status_code == 302
    for page in ("pack", "changes", "publish"):
        answer = browser.get(at(page))
        assert answer.status_code == 200
        shown = answer.content.decode()
        assert "<script>alert" not in shown and "<img src=x" not in shown and "</textarea><img" not in shown
    assert browser.post(at("audit")).status_code == 302
    assert not PackAudit.objects.exists(), "what cannot be read is not audited"


def test_a_text_that_is_too_large_stays_in_the_form(browser_of: BrowserOf) -> None:
    shed()
    browser = browser_of(Role.AUTHOR)
    text = "# far too large" + "x" * LARGEST_PACK
    answer = browser.post(at("pack"), {"text": text, "version": 1})
    assert answer.status_code == 422 and "# far too large" in answer.content.decode()
    assert browser.post(at("pack"), {"text": text, "version": 1}, headers=AJAX).status_code == 422
    assert Domain.objects.get().version == 1


@pytest.mark.django_db(transaction=True)
def test_audit_and_publish(browser_of: BrowserOf) -> None:
    shed()
    browser = browser_of(Role.AUTHOR)
    browser.post(at("audit"))
    audit = PackAudit.objects.get()
    assert "waiting for a worker" in browser.get(at("audit_panel"), headers=AJAX).content.decode()
    assert browser.get(at("audit_panel")).status_code == 302
    browser.post(at("release"), {"audit": audit.pk})
    assert not Release.objects.exists(), "not before it has passed"
    assert audit_run(audit_id=audit.pk) == "done"
    page = browser.get(at("publish")).content.decode()
    assert "passed" in page and "next_due" in page and f'name="audit" value="{audit.pk}"' in page
    assert browser.post(at("release"), {"audit": audit.pk}).status_code == 302
    release = Release.objects.get()
    assert (release.number, release.pack_text) == (1, tool_shed_text())
    assert release.lineage == {"parent": None, "origin": "authored", "author": "author", "audit": audit.pk}
    assert Domain.objects.get().status == "active"
    assert AuditEntry.objects.filter(action="catalogue.publish", after=release.digest).exists()
    assert browser.post(at("release"), {"audit": audit.pk}).status_code == 302
    assert Release.objects.count() == 1, "twice gives one release"


@pytest.mark.django_db(transaction=True)
def test_only_the_audited_text_is_published(browser_of: BrowserOf) -> None:
    shed()
    browser = browser_of(Role.AUTHOR)
    browser.post(at("audit"))
    audit = PackAudit.objects.get()
    audit_run(audit_id=audit.pk)
    browser.post(at("pack"), {"text": tool_shed_text() + "# later\n", "version": 1})
    browser.post(at("release"), {"audit": audit.pk})
    assert not Release.objects.exists()
    assert "Audit the draft" in browser.get(at("publish")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_findings_of_the_audit_stand_beside_the_text(browser_of: BrowserOf) -> None:
    text = tool_shed_text().replace("def run(args): return one(", "def run(args) return one(", 1)
    shed(text)
    browser = browser_of(Role.AUTHOR)
    browser.post(at("audit"))
    audit_run(audit_id=PackAudit.objects.get().pk)
    line = text[: text.index("def run(args) return")].count("\n") + 1
    for page in ("pack", "publish"):
        shown = browser.get(at(page)).content.decode()
        assert f'data-finding="{line}"' in shown and "does not parse" in shown
    browser.post(at("release"), {"audit": PackAudit.objects.get().pk})
    assert not Release.objects.exists()


def test_changes_are_told_in_words_and_lines(browser_of: BrowserOf) -> None:
    install()
    text = pack_text("vet_clinic").replace("name: move_visit", "name: shift_visit", 1).replace("complexity: 3\n", "complexity: 4\n", 1)
    Domain.objects.update(pack_text=text)
    browser = browser_of(Role.VIEWER)
    page = browser.get(reverse("authoring:changes", args=["vet_clinic"])).content.decode()
    assert "shift_visit" in page and "complexity: 4" in page and '<tr class="removed">' in page
    same = browser.get(reverse("authoring:changes", args=["vet_clinic"]), {"from": "1", "to": "1"}).content.decode()
    assert "The texts are the same" in same
    assert browser.get(reverse("authoring:changes", args=["vet_clinic"]), {"from": "7"}).status_code == 404


def test_a_release_can_be_downloaded_and_be_the_draft_again(browser_of: BrowserOf) -> None:
    install()
    Domain.objects.update(pack_text="name: gone\n")
    browser = browser_of(Role.AUTHOR)
    answer = browser.get(reverse("authoring:download", args=["vet_clinic", "1"]))
    assert answer.content.decode() == pack_text("vet_clinic") and "vet_clinic-1.yaml" in answer["Content-Disposition"]
    assert browser.get(reverse("authoring:download", args=["vet_clinic", "draft"])).content == b"name: gone\n"
    browser.post(reverse("authoring:restore", args=["vet_clinic", 1]))
    assert Domain.objects.get().pack_text == pack_text("vet_clinic")


def test_archive_and_back(browser_of: BrowserOf) -> None:
    install()
    browser = browser_of(Role.AUTHOR)
    browser.post(reverse("authoring:archive", args=["vet_clinic"]))
    assert Domain.objects.get().status == "archived"
    assert "archived" in browser.get(reverse("catalogue:releases", args=["vet_clinic"])).content.decode()
    browser.post(reverse("authoring:archive", args=["vet_clinic"]))
    browser.post(reverse("authoring:reopen", args=["vet_clinic"]))
    assert Domain.objects.get().status == "active"
    assert AuditEntry.objects.filter(action="catalogue.publish").count() == 2, "a refused move leaves no entry"


def test_a_new_domain_begins_with_the_template(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    answer = browser.post(reverse("authoring:new"), {"name": "City parking", "slug": "city_parking", "beginning": "template"})
    assert answer["Location"] == reverse("authoring:pack", args=["city_parking"])
    domain = Domain.objects.get()
    assert (domain.name, domain.status, domain.origin) == ("City parking", "draft", "authored")
    assert "slug: city_parking" in domain.pack_text and "# A small complete domain" in domain.pack_text
    assert 'class="badge good">can be read' in browser.get(answer["Location"]).content.decode()


def test_a_new_domain_as_a_copy_or_from_a_file(browser_of: BrowserOf) -> None:
    install()
    browser = browser_of(Role.AUTHOR)
    browser.post(reverse("authoring:new"), {"name": "Second", "slug": "second", "beginning": "copy", "copy_of": "vet_clinic"})
    assert Domain.objects.get(slug="second").parent == Domain.objects.get(slug="vet_clinic")
    file = SimpleUploadedFile("shed.yaml", b"\xef\xbb\xbf" + tool_shed_text().replace("\n", "\r\n").encode())
    browser.post(reverse("authoring:new"), {"name": "Third", "slug": "third", "beginning": "text", "file": file})
    third = Domain.objects.get(slug="third")
    assert third.pack_text == tool_shed_text().replace("slug: tool_shed", "slug: third").replace("name: Tool shed", "name: Third", 1)
    assert third.origin == "imported"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"slug": "Bad Slug"}, "Use small letters"),
        ({"slug": "vet_clinic"}, "already"),
        ({"beginning": "copy"}, "Choose the domain to copy"),
        ({"beginning": "text"}, "Choose a file or paste a text"),
        ({"beginning": "text", "file": SimpleUploadedFile("x.yaml", b"name: \xff")}, "Byte 6 is not UTF-8"),
        ({"beginning": "text", "file": SimpleUploadedFile("x.yaml", b"x" * (LARGEST_PACK + 1))}, "larger than 2 MB"),
    ],
    ids=range(6),
)
def test_a_new_domain_says_what_is_wrong_and_keeps_what_was_typed(browser_of: BrowserOf, data: dict[str, object], words: str) -> None:
    install()
    wanted = {"name": "My own <name>", "slug": "mine", "beginning": "template"} | data
    answer = browser_of(Role.AUTHOR).post(reverse("authoring:new"), wanted)
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page and "My own &lt;name&gt;" in page
    assert Domain.objects.count() == 1


def test_pages_ask_the_database_as_often_however_much_there_is(browser_of: BrowserOf) -> None:
    domain = shed()
    browser = browser_of(Role.AUTHOR)
    pages = [at("pack"), at("changes"), at("publish"), reverse("authoring:new")]

    def queries() -> list[int]:
        counts = []
        for page in pages:
            browser.get(page)
            with CaptureQueriesContext(connection) as asked:
                browser.get(page)
            counts.append(len(asked))
        return counts

    Release.objects.create(domain=domain, number=1, digest="0" * 64, pack_text="a: 1", pack={})
    few = queries()
    Release.objects.bulk_create(Release(domain=domain, number=n, digest=f"{n:064}", pack_text="a: 1", pack={}) for n in range(2, 60))
    Domain.objects.bulk_create(Domain(slug=f"d{n}", name="D", category="c", pack_text="") for n in range(60))
    assert queries() == few and max(few) <= 12
