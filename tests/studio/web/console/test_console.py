"""The try-it console: calls in a world of one's own, and what hostile programs cannot do to it."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import Role, Trial
from studio.pipelines import trials
from synthesis.engine.packs.model import Pack
from synthesis.models import Domain, Release
from synthesis.services.catalog import Audited, pack_publish
from synthesis.services.desk import desk
from tests.packs import tool_shed, tool_shed_text
from tests.people import signed_in
from tests.synthesis.adapters.test_attacks import ATTACKS, attacked

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
SLUG = "tool_shed"
HEAVY = ["nested loops", "string growth", "dict growth", "huge result", "huge result of rows", "host call storm", "recursion"]

DEAF = "def run(args): return sorted(list(range(30000000)), key = lambda x: -x)"
"""It does not look at its deadline while it sorts: its process is killed."""


def publish(pack: Pack, text: str = "") -> None:
    """The shed in the catalogue, as if audited."""
    pack_publish(pack=pack, text=text or tool_shed_text(), audited=Audited(SLUG, seeds=[1, 2, 3], variations={"plain": 10}, tried=10))


@pytest.fixture(autouse=True)
def shed(db: None) -> None:
    publish(tool_shed())


def address(tool: str, **query: Any) -> str:
    return reverse("console:tool", args=[SLUG, tool], query=query)


def call(browser: Client, tool: str, args: dict[str, Any], **query: Any) -> Any:
    """Make a call with the form and follow to its result."""
    return browser.post(address(tool, **query), {f"arg.{name}": value for name, value in args.items()}, follow=True)


def first(table: str, seed: int = 1, **wanted: Any) -> dict[str, Any]:
    """A row of the seeded world."""
    from synthesis.adapters.starlark import StarlarkInterpreter
    from synthesis.engine.world.machine import Machine

    return dict(Machine(tool_shed(), StarlarkInterpreter()).state(seed).find(table, wanted)[0].values)


def test_who_may_not_try_sees_nothing(client: Client, stranger: User, browser_of: BrowserOf) -> None:
    url = address("find_member")
    assert client.get(url).status_code == 302
    assert {signed_in(stranger).get(url).status_code, browser_of(Role.REVIEWER).get(url).status_code} == {404}
    assert browser_of(Role.OWNER).get(address("nothing")).status_code == 404
    assert browser_of(Role.OWNER).get(address("find_member", release="7")).status_code == 404
    assert browser_of(Role.OPERATOR).get(address("find_member", release="draft")).status_code == 404, "drafts are their authors'"


def test_a_call_shows_its_result_and_a_write_its_delta(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    loan = first("loans", status="open", extended=False)
    card = first("members", member_id=loan["member_id"])["card"]
    found = call(browser, "find_member", {"card": card})
    assert loan["member_id"] in found.content.decode() and found.context["outcome"].error is None
    assert "No row changed" in found.content.decode()
    extended = call(browser, "extend_loan", {"loan_id": loan["loan_id"], "days": 3})
    assert [(c.table, c.key, c.kind) for c in extended.context["changes"]] == [("loans", loan["loan_id"], "updated")]
    assert extended.context["rules"] == []
    assert [line.number for line in extended.context["history"]] == [2, 1]
    again = call(browser, "extend_loan", {"loan_id": loan["loan_id"], "days": 3})
    assert "extend_once" in again.content.decode(), "the world remembers"


def test_each_person_and_seed_has_a_world_of_its_own_and_reset_brings_the_seeded_one_back(browser_of: BrowserOf) -> None:
    loan = first("loans", status="open", extended=False)["loan_id"]
    author, owner = browser_of(Role.AUTHOR), browser_of(Role.OWNER)
    before = call(author, "extend_loan", {"loan_id": loan, "days": 3}).context["outcome"]
    assert owner.get(address("extend_loan")).context["history"] == []
    assert author.get(address("extend_loan", seed=2)).context["history"] == []
    author.post(reverse("console:reset", args=[SLUG, "extend_loan"]))
    assert not Trial.objects.exists()
    assert call(author, "extend_loan", {"loan_id": loan, "days": 3}).context["outcome"].digest == before.digest


def test_a_failed_call_says_where_the_arguments_do_not_fit(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    page = call(browser, "find_member", {})
    assert page.context["outcome"].error.code == "invalid_arguments"
    assert [fault.place for fault in page.context["outcome"].faults] == [""]
    unknown = call(browser, "find_member", {"card": "000000"})
    assert unknown.context["outcome"].error.code == "not_found"
    assert unknown.context["declared"] is not None
    assert "identify_first" in call(browser, "extend_loan", {"loan_id": "L-0001", "days": 3}).content.decode(), (
        "a rule that the call breaks is named"
    )


def test_the_menu_fills_the_form_and_every_entry_works(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    for name in tool_shed().tools:
        for _label, choices in browser.get(address(name)).context["menu"]:
            for text, url in choices:
                page = browser.get(url)
                assert page.status_code == 200
                form = page.context["form"]
                assert form.text != "{}" or page.context["trouble"] or "missing" in url, text


def test_breaking_opens_the_json_view_where_the_form_cannot_say_it(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    page = browser.get(address("find_member", fill="break:extra:"))
    assert page.context["form"].as_json and "no_such_parameter" in page.content.decode()
    sent = browser.post(address("find_member"), {"view": "json", "arguments": page.context["form"].text}, follow=True)
    assert sent.context["outcome"].error.code == "invalid_arguments"
    assert sent.context["form"].as_json, "the view that was used stays"


def test_what_is_no_json_is_said_and_nothing_is_lost(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    for text in ('{"card": ', "[1]", '{"a": "\\ud800"}', "9" * 400, "[" * 30_000):
        page = browser.post(address("find_member"), {"view": "json", "arguments": text})
        assert page.status_code == 422 and page.context["form"].text == text
    assert browser.post(address("find_member"), {"view": "json", "arguments": '{"a": 99999999999999999999}'}).status_code == 422
    assert not Trial.objects.filter(version__gt=0).exists()


@pytest.mark.parametrize("name", [*HEAVY, "deaf"])
def test_an_attack_is_answered_and_the_page_goes_on(name: str, browser_of: BrowserOf) -> None:
    publish(attacked({**ATTACKS, "deaf": DEAF}[name]), text="attacked")
    browser = browser_of(Role.OWNER)
    card = first("members")["card"]
    call(browser, "find_member", {"card": card})
    started = time.monotonic()
    page = browser.post(address("find_items"), {"arg.kind": "drill"}, follow=True)
    assert time.monotonic() - started < 5
    assert page.status_code == 200 and page.context["outcome"].error.code == "internal_error"
    assert page.context["outcome"].crash
    started = time.monotonic()
    after = call(browser, "find_member", {"card": card})
    assert time.monotonic() - started < 3, "what failed is not run again"
    assert after.context["outcome"].error is None and len(after.context["history"]) == 3


def test_fifty_calls_are_made_again_quickly_and_then_it_is_enough(browser_of: BrowserOf, people: dict[Role, User]) -> None:
    browser = browser_of(Role.AUTHOR)
    card = first("members")["card"]
    call(browser, "find_member", {"card": card})
    row = Trial.objects.get()
    Trial.objects.update(calls=row.calls * trials.MOST_CALLS)
    browser.get(address("find_member"))
    started = time.monotonic()
    page = browser.get(address("find_member", at=50))
    assert time.monotonic() - started < 3
    assert page.context["outcome"].error is None
    assert browser.post(address("find_member"), {"arg.card": card}).status_code == 422


def test_only_so_many_worlds_are_kept(people: dict[Role, User], browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    for seed in range(1, trials.MOST_WORLDS + 3):
        call(browser, "find_member", {"card": "111111"}, seed=seed)
    assert Trial.objects.count() == trials.MOST_WORLDS
    assert min(Trial.objects.values_list("seed", flat=True)) == 3


def test_a_draft_can_be_tried_before_it_is_published(browser_of: BrowserOf) -> None:
    Domain.objects.filter(slug=SLUG).update(pack_text=tool_shed_text().replace('stop("not_found"', 'stop("nobody"'))
    browser = browser_of(Role.AUTHOR)
    assert call(browser, "find_member", {"card": "000000"}, release="draft").context["outcome"].error.code == "nobody"
    assert call(browser, "find_member", {"card": "000000"}).context["outcome"].error.code == "not_found"
    Domain.objects.filter(slug=SLUG).update(pack_text="tables: [")
    assert browser.get(address("find_member", release="draft")).status_code == 409


def test_hostile_values_are_shown_as_text(browser_of: BrowserOf) -> None:
    evil = "<script>alert(1)</script>\u202e"
    page = call(browser_of(Role.AUTHOR), "find_member", {"card": evil}).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_hostile_text_of_a_pack_is_shown_as_text(browser_of: BrowserOf) -> None:
    evil = "<script>alert(1)</script>\u202e"
    release = Release.objects.get()
    pack = release.pack
    tool = pack["tools"]["list_loans"]
    tool["description"] = evil
    tool["parameters"]["properties"]["status"].update(description=evil, enum=[evil, "open"])
    tool["parameters"]["properties"]["member_id"]["description"] = evil
    pack["tables"]["members"]["columns"]["name"]["make"] = {"choice": [evil]}
    Release.objects.filter(pk=release.pk).update(pack=pack, digest="e" * 64)
    for query in ({}, {"view": "json"}, {"fill": "drawn:1"}, {"fill": "break:value:status"}):
        text = browser_of(Role.AUTHOR).get(address("list_loans", **query)).content.decode()
        assert "<script>alert" not in text and "&lt;script&gt;" in text


def test_queries_do_not_grow_with_calls(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    call(browser, "find_member", {"card": "111111"})
    with CaptureQueriesContext(connection) as few:
        browser.get(address("find_member", at=1))
    for _ in range(5):
        call(browser, "find_member", {"card": "111111"})
    with CaptureQueriesContext(connection) as many:
        browser.get(address("find_member", at=1))
    assert len(many) == len(few)


@pytest.fixture(scope="module", autouse=True)
def rest() -> Iterator[None]:
    """End the sandbox processes after the module."""
    yield
    desk().close()
