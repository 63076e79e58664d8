"""Scenarios in the browser: lists, the page of one with its gold replayed, draws."""

import time
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from judging.models import Judgement
from judging.services import rubric_install, starter_rubric
from studio.models import Role
from synthesis.models import Episode, Release, Scenario
from tests.builders_runs import a_run, install, queued
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]


def a_scenario(variation: str = "plain") -> Scenario:
    install()
    queued(a_run(2, variations=[variation]))
    return Scenario.objects.order_by("digest")[0]


def test_nobody_is_sent_to_sign_in_and_a_stranger_sees_nothing(client: Client, stranger: User, browser_of: BrowserOf) -> None:
    digest = a_scenario().digest
    pages = [
        reverse("scenarios:index"),
        reverse("scenarios:domain", args=["vet_clinic"]),
        reverse("scenarios:draw", args=["vet_clinic"]),
        reverse("scenarios:scenario", args=[digest]),
    ]
    assert {client.get(url).status_code for url in pages} == {302}
    assert {signed_in(stranger).get(url).status_code for url in pages} == {404}
    assert browser_of(Role.OWNER).get(reverse("scenarios:scenario", args=["0" * 64])).status_code == 404


def test_a_scenario_is_told_and_its_gold_replayed(browser_of: BrowserOf) -> None:
    row = a_scenario()
    page = browser_of(Role.VIEWER).get(reverse("scenarios:scenario", args=[row.digest]))
    assert page.context["replay"].matches and page.context["replay"].same_digest
    text = page.content.decode()
    assert "The final state is the expected one." in text and row.intents[0] in text
    [wants] = [part.wants["en"] for part in page.context["story"]]
    assert wants.split(" ")[0] in text


def test_a_release_that_no_longer_gives_the_truth_says_so(browser_of: BrowserOf) -> None:
    row = a_scenario()
    body = row.body | {"expected": [{"table": "owners", "key": "O-0001", "before": None, "after": {"name": "Nobody"}}]}
    Scenario.objects.filter(pk=row.pk).update(body=body)
    page = browser_of(Role.VIEWER).get(reverse("scenarios:scenario", args=[row.digest]))
    assert not page.context["replay"].matches and "is not the expected one" in page.content.decode()


def test_scores_are_for_those_who_may_see_them(browser_of: BrowserOf) -> None:
    row = a_scenario()
    Judgement.objects.create(
        episode=Episode.objects.get(scenario=row), decides=True, judge_version="0" * 64,
        rubric_version=rubric_install(rubric=starter_rubric()),
        overall=3.25, passed=True, process_credit=1, exact_digest="a" * 64, structural_digest="b" * 64,
    )  # fmt: skip
    address = reverse("scenarios:scenario", args=[row.digest])
    assert "3.25" in browser_of(Role.VIEWER).get(address).content.decode()
    assert "3.25" not in browser_of(Role.REVIEWER).get(address).content.decode()


def test_filters_narrow_and_survive_nonsense(browser_of: BrowserOf) -> None:
    row = a_scenario()
    browser, address = browser_of(Role.VIEWER), reverse("scenarios:index")

    def found(**query: str) -> int:
        return len(browser.get(address, query).context["page"].items)

    assert found() == 2 and found(domain="vet_clinic", variation="plain", quarantined="no") == 2
    assert found(intent=row.intents[0], difficulty=str(row.difficulty)) >= 1
    assert found(intent="no_such") == found(variation="forbidden") == found(quarantined="yes") == found(domain="nowhere") == 0
    assert found(difficulty="\x00", quarantined="perhaps", after="made-up") == 2
    assert "No scenario found" in browser.get(address, {"domain": "nowhere"}).content.decode()
    assert len(browser.get(reverse("scenarios:domain", args=["vet_clinic"])).context["page"].items) == 2


def test_ten_thousand_scenarios_come_in_pages_newest_first_with_as_many_queries(browser_of: BrowserOf) -> None:
    a_scenario()
    browser, address = browser_of(Role.VIEWER), reverse("scenarios:index")
    browser.get(address)
    with CaptureQueriesContext(connection) as few:
        browser.get(address)
    release = Release.objects.get()
    Scenario.objects.bulk_create(
        (
            Scenario(digest=f"{n:064x}", release=release, variation="plain", intents=["move_visit"], difficulty=1 + n % 5, body={})
            for n in range(10_000)
        ),
        batch_size=2000,
    )
    for query in ({}, {"intent": "move_visit", "difficulty": "3"}):
        started = time.monotonic()
        with CaptureQueriesContext(connection) as many:
            page = browser.get(address, query).context["page"]
        assert time.monotonic() - started < 2
        assert len(many) == len(few) and len(page.items) == 50
        following = browser.get(address, query | {"after": page.next}).context["page"].items
        keys = [(row.created, row.digest) for row in [*page.items, *following]]
        assert keys == sorted(set(keys), reverse=True) and len(keys) == 100


def test_a_draw_shows_scenarios_and_stores_none(browser_of: BrowserOf) -> None:
    install()
    browser, address = browser_of(Role.AUTHOR), reverse("scenarios:draw", args=["vet_clinic"])
    first = browser.get(address)
    digests = [scenario.digest for scenario, _story in first.context["draw"].scenarios]
    assert len(digests) == len(set(digests)) == 5
    again = browser.get(address, {"draw": "1"}).context["draw"].scenarios
    assert [scenario.digest for scenario, _story in again] == digests
    forbidden = browser.get(address, {"variation": "forbidden", "intent": "move_visit", "draw": "2"})
    assert {scenario.variation for scenario, _story in forbidden.context["draw"].scenarios} <= {"forbidden"}
    assert not Scenario.objects.exists()
    assert browser.get(address, {"variation": "\x00", "intent": "none", "draw": "-1"}).status_code == 200


def test_hostile_text_of_a_scenario_is_shown_as_text(browser_of: BrowserOf) -> None:
    row = a_scenario()
    evil = "<script>alert(1)</script>\u202e"
    body = row.body
    body["wishes"][0]["wants"] = {"en": evil}
    body["wishes"][0]["facts"][0]["label"] = {"en": evil}
    Scenario.objects.filter(pk=row.pk).update(body=body, intents=[evil])
    for url in (reverse("scenarios:scenario", args=[row.digest]), reverse("scenarios:index")):
        text = browser_of(Role.VIEWER).get(url).content.decode()
        assert "<script>alert" not in text and "\u202e" not in text
