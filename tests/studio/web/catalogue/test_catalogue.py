"""The catalogue in the browser."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import Role
from synthesis.models import Domain, Release
from tests.builders_runs import install, starter_pack
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
TABS = ("domain", "world", "policy", "intents", "relations", "releases")
HOSTILE = "<script>alert(1)</script>\u202e\x00"


def urls() -> list[str]:
    """Every page of the catalogue, for a domain that is published."""
    install()
    tool = next(iter(starter_pack("vet_clinic").tools))
    tabs = [reverse(f"catalogue:{tab}", args=["vet_clinic"]) for tab in TABS]
    return [reverse("catalogue:index"), *tabs, reverse("catalogue:tool", args=["vet_clinic", tool]), reverse("catalogue:tools")]


def test_nobody_is_sent_to_sign_in_and_a_stranger_sees_nothing(client: Client, stranger: User) -> None:
    pages = urls()
    assert {client.get(url).status_code for url in pages} == {302}
    assert {signed_in(stranger).get(url).status_code for url in pages} == {404}


def test_a_domain_shows_its_tools_rules_and_wordings(browser_of: BrowserOf) -> None:
    pages = urls()
    pack = starter_pack("vet_clinic")
    shown = [browser_of(Role.VIEWER).get(url).content.decode() for url in pages]
    assert pack.name in shown[0]
    assert all(name in shown[1] for name in pack.tools)
    assert all(name in shown[2] for name in pack.tables)
    assert shown[3].count("<li>") >= len(pack.policy)
    assert all(name in shown[4] for name in pack.intents)
    assert pack.digest in shown[6]


def test_hostile_text_is_escaped_and_made_visible(browser_of: BrowserOf) -> None:
    pages = urls()
    Domain.objects.update(name=HOSTILE, description=HOSTILE, category=HOSTILE)
    release = Release.objects.get()
    pack = release.pack
    for tool in pack["tools"].values():
        tool.update(description=HOSTILE, program=HOSTILE, errors=[{"code": HOSTILE, "when": HOSTILE}])
    for rule in pack["policy"]:
        rule["rule"] = HOSTILE
    pack["tables"]["owners"]["columns"]["name"]["make"] = {"choice": [HOSTILE]}
    Release.objects.filter(pk=release.pk).update(pack=pack)
    for url in pages:
        text = browser_of(Role.VIEWER).get(url).content.decode()
        assert "<script>alert" not in text and "\u202e" not in text and "\x00" not in text
        assert "&lt;script&gt;" in text


def test_filters_narrow_and_survive_nonsense(browser_of: BrowserOf) -> None:
    install()
    browser = browser_of(Role.VIEWER)
    link = reverse("catalogue:domain", args=["vet_clinic"])
    address = reverse("catalogue:index")
    assert link in browser.get(address, {"words": "vet", "status": "active"}).content.decode()
    assert link not in browser.get(address, {"words": "no such domain"}).content.decode()
    assert link not in browser.get(address, {"status": "archived"}).content.decode()
    assert browser.get(address, {"words": "\x00", "after": "made-up"}).status_code == 200


def test_what_is_not_there_is_404(browser_of: BrowserOf) -> None:
    install()
    browser = browser_of(Role.OWNER)
    assert browser.get(reverse("catalogue:domain", args=["nowhere"])).status_code == 404
    assert browser.get(reverse("catalogue:tool", args=["vet_clinic", "nothing"])).status_code == 404


def test_a_draft_without_release_says_so(browser_of: BrowserOf) -> None:
    Domain.objects.create(slug="new", name="New", category="trade", pack_text="")
    for tab in set(TABS) - {"relations"}:
        assert "Nothing published yet" in browser_of(Role.VIEWER).get(reverse(f"catalogue:{tab}", args=["new"])).content.decode()


def test_long_lists_come_in_pages_each_row_once_with_as_many_queries(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.VIEWER)
    address = reverse("catalogue:index")
    Domain.objects.create(slug="d-000", name="D", category="c/0", pack_text="")
    browser.get(address)
    with CaptureQueriesContext(connection) as few:
        browser.get(address)
    Domain.objects.bulk_create(Domain(slug=f"d-{n:03}", name="D", category=f"c/{n % 3}", pack_text="") for n in range(1, 120))
    seen: list[str] = []
    query: dict[str, str] = {}
    while True:
        with CaptureQueriesContext(connection) as many:
            page = browser.get(address, query).context["page"]
        assert len(many) == len(few)
        seen += [row.slug for row in page.items]
        if not page.next:
            break
        query = {"after": page.next}
    assert len(seen) == len(set(seen)) == 120
