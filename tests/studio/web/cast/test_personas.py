"""The pages of personas: who sees them, what they say, what they write."""

from collections.abc import Callable

import msgspec
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studio.models import AuditEntry, Role
from synthesis.models import Persona
from synthesis.services.people import people_install, persona_create
from tests.builders_runs import PERSONA, PROFILE, a_run, install, queued
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
GOOD = {
    "name": "Bea",
    "slug": "bea",
    "background": "Sells bread.",
    "language": "ko",
    "formality": "casual",
    "brevity": "terse",
    "mood": "grumpy",
    "patience": 2,
    "expertise": 4,
    "typos": "0.05",
    "preferences": "short answers\n\nno jokes",
}


@pytest.fixture(autouse=True)
def catalogue(db: None) -> None:
    install()


def many(count: int) -> None:
    people = [msgspec.structs.replace(PERSONA, slug=f"p{n:03}", language="ko" if n % 2 else "en") for n in range(count)]
    people_install(personas=people, profiles=[PROFILE])


@pytest.mark.parametrize("name", ["personas", "persona", "persona_new", "persona_edit"])
def test_nobody_is_sent_to_sign_in_and_a_stranger_sees_nothing(name: str, client: Client, stranger: User) -> None:
    url = reverse(f"cast:{name}", args=[PERSONA.slug] if name in {"persona", "persona_edit"} else [])
    assert client.get(url)["Location"].startswith(reverse("access:sign_in"))
    assert signed_in(stranger).get(url).status_code == 404


@pytest.mark.parametrize("name", ["persona", "persona_edit"])
def test_somebody_who_is_not_there_is_not_found(name: str, browser_of: BrowserOf) -> None:
    assert browser_of(Role.OWNER).get(reverse(f"cast:{name}", args=["nobody"])).status_code == 404
    assert browser_of(Role.OWNER).post(reverse("cast:persona_active", args=["nobody"])).status_code == 404


def test_the_list_asks_the_same_few_queries_however_long(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.VIEWER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(reverse("cast:personas")).status_code == 200
        return len(asked)

    few = queries()
    many(49)
    a_run(20)
    assert queries() == few <= 5


def test_the_list_pages_by_key_and_is_narrowed(browser_of: BrowserOf) -> None:
    many(60)
    browser = browser_of(Role.VIEWER)
    first = browser.get(reverse("cast:personas"))
    second = browser.get(reverse("cast:personas"), {"after": first.context["page"].next})
    slugs = [line[0].slug for page in (first, second) for line in page.context["lines"]]
    assert slugs == ["ann", *(f"p{n:03}" for n in range(60))]

    def shown(**query: str) -> set[str]:
        return {line[0].slug for line in browser.get(reverse("cast:personas"), query).context["lines"]}

    assert shown(language="ko") == {f"p{n:03}" for n in range(1, 60, 2)}
    assert shown(words="P00", language="en") == {f"p{n:03}" for n in range(0, 10, 2)}
    assert shown(patience="5") == set()
    assert shown(active="no") == set()
    assert "ann" in shown(mood="friendly", expertise="3", brevity="normal", formality="neutral", active="yes")
    assert "ann" in shown(mood="<script>", patience="99"), "what is no choice chooses nothing"


def test_a_page_shows_what_the_engine_says_and_what_was_played(browser_of: BrowserOf) -> None:
    run = a_run(3)
    queued(run)
    browser = browser_of(Role.VIEWER)
    url = reverse("cast:persona", args=[PERSONA.slug])
    page = browser.get(url)
    assert [episode.index for episode in page.context["page"].items] == [2, 1, 0]
    assert len(page.context["said"]) == 8, "with an opening, since there is a scenario"
    assert all(line.strip() for _deed, line in page.context["said"])
    assert page.context["said"] == browser.get(url).context["said"] != browser.get(url, {"take": 1}).context["said"]
    assert reverse("runs:new") not in page.content.decode(), "viewers start nothing"


def test_one_is_written_heard_and_edited(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    heard = browser.post(reverse("cast:persona_new"), GOOD | {"preview": "1"})
    assert len(heard.context["said"]) == 7 and not Persona.objects.filter(slug="bea").exists()
    assert browser.post(reverse("cast:persona_new"), GOOD)["Location"] == reverse("cast:persona", args=["bea"])
    row = Persona.objects.get(slug="bea")
    assert (row.language, row.mood, row.patience, row.origin) == ("ko", "grumpy", 2, "authored")
    assert row.profile["preferences"] == ["short answers", "no jokes"]
    url = reverse("cast:persona_edit", args=["bea"])
    assert 'value="Bea"' in browser.get(url).content.decode()
    browser.post(url, GOOD | {"name": "Beatrix", "slug": "other"})
    row.refresh_from_db()
    assert (row.slug, row.name, row.profile["slug"]) == ("bea", "Beatrix", "bea")
    trail = AuditEntry.objects.filter(kind="persona").order_by("pk")
    assert [(entry.action, entry.object_id) for entry in trail] == [("personas.create", "bea"), ("personas.edit", "bea")]
    assert trail[1].before == trail[0].after != trail[1].after


def test_a_copy_begins_with_the_original(browser_of: BrowserOf) -> None:
    page = browser_of(Role.AUTHOR).get(reverse("cast:persona_new"), {"from": PERSONA.slug})
    assert page.context["form"].initial == msgspec.to_builtins(PERSONA) | {"slug": "ann_copy"}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("slug", "Bea!", "small letters"),
        ("slug", "ann", "there already"),
        ("slug", "new", "name of a page"),
        ("slug", "bea-12345678", "varied agents"),
        ("name", "", "required"),
        ("language", "fr", "valid choice"),
        ("patience", "9", "less than or equal to 5"),
        ("typos", "0.5", "less than or equal to 0.1"),
        ("preferences", "x" * 201, "1 to 200 characters"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_lost(field: str, value: str, says: str, browser_of: BrowserOf) -> None:
    answer = browser_of(Role.AUTHOR).post(reverse("cast:persona_new"), GOOD | {field: value})
    assert answer.status_code == 422
    assert says in str(answer.context["form"].errors[field])
    assert "Sells bread." in answer.content.decode()
    assert Persona.objects.count() == 1


def test_one_rests_and_is_cast_again(browser_of: BrowserOf) -> None:
    persona_create(persona=msgspec.structs.replace(PERSONA, slug="bob"), now=timezone.now())
    browser = browser_of(Role.AUTHOR)
    url = reverse("cast:persona_active", args=["bob"])
    browser.post(url, {"active": "no"})
    assert not Persona.objects.get(slug="bob").active
    browser.post(url, {"active": "yes"})
    assert Persona.objects.get(slug="bob").active
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == ["personas.rest", "personas.activate"]


def test_hostile_words_stay_words(browser_of: BrowserOf) -> None:
    evil = '<img src=x onerror=alert(1)>\u202e<b hx-get="/x">'
    browser = browser_of(Role.AUTHOR)
    browser.post(reverse("cast:persona_new"), GOOD | {"name": evil, "background": evil, "preferences": evil})
    for url in (reverse("cast:personas"), reverse("cast:persona", args=["bea"]), reverse("cast:persona_edit", args=["bea"])):
        page = browser.get(url).content.decode()
        assert "<img" not in page and "<b hx" not in page
