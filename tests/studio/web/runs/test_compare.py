"""Comparing two episodes."""

from collections.abc import Callable
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import Role
from synthesis.models import Episode
from tests.builders_logs import append, call, close, end, judge, result, says, start
from tests.builders_runs import a_run, install, queued
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
URL = "/runs/compare/"


@pytest.fixture
def pair() -> tuple[Episode, Episode]:
    """Two plays of one scenario that part at their second call."""
    install()
    run = a_run(2)
    queued(run)
    left, right = Episode.objects.filter(run=run).order_by("index")
    Episode.objects.filter(pk=right.pk).update(scenario=left.scenario)
    for episode, pet in ((left, "P-1"), (right, "P-2")):
        append(
            episode,
            start(),
            says("agent", "", call("find_owner", "c1", phone="555")),
            result("c1", {"id": "O-1"}),
            says("agent", "", call("find_pet", "c2", id=pet)),
            result("c2", {"id": pet}),
            end(),
        )
        close(episode)
    append(left, says("agent", "", call("move_visit", "c3")))
    return left, right


def page(browser: Client, **query: int) -> str:
    answer = browser.get(URL, query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_it_shows_where_two_plays_part(pair: tuple[Episode, Episode], browser_of: BrowserOf) -> None:
    text = page(browser_of(Role.VIEWER), left=pair[0].pk, right=pair[1].pk)
    rows = text.split("<tbody>")[1:]
    assert "1 of 3 calls are alike" in text
    assert text.count("they part here") == 1
    assert "<mark>P-1</mark>" in text
    assert "<mark>P-2</mark>" in text
    assert "<mark>555</mark>" not in text
    assert "only left" in text
    assert f'href="{reverse("runs:episode", args=[pair[1].pk])}#e3"' in text
    assert rows


def test_scores_are_for_those_who_may_see_them(pair: tuple[Episode, Episode], browser_of: BrowserOf) -> None:
    judge(pair[0])
    ids = {"left": pair[0].pk, "right": pair[1].pk}
    assert "<b>2.50</b>" in page(browser_of(Role.VIEWER), **ids)
    assert "2.50" not in page(browser_of(Role.REVIEWER), **ids)


def test_without_a_right_one_it_offers_other_plays(pair: tuple[Episode, Episode], browser_of: BrowserOf) -> None:
    text = page(browser_of(Role.VIEWER), left=pair[0].pk)
    assert f"?left={pair[0].pk}&right={pair[1].pk}" in text
    assert "Choose an episode first" in page(browser_of(Role.VIEWER))


def test_an_episode_of_the_run_is_named_by_its_number(pair: tuple[Episode, Episode], browser_of: BrowserOf) -> None:
    browser = browser_of(Role.VIEWER)
    assert "they part here" in page(browser, left=pair[0].pk, index=1)
    assert browser.get(URL, {"left": pair[0].pk, "index": 7}).status_code == 404


@pytest.mark.parametrize("query", [{"left": 999_999}, {"left": 1, "right": 10**30}, {"left": 10**18}])
def test_what_is_not_there_is_not_found(query: dict[str, int], pair: tuple[Episode, Episode], browser_of: BrowserOf) -> None:
    given = {name: pair[0].pk if value == 1 else value for name, value in query.items()}
    assert browser_of(Role.VIEWER).get(URL, given).status_code == 404


def test_nobody_signs_in_and_a_stranger_sees_nothing(client: Client, stranger: User) -> None:
    assert client.get(URL)["Location"].startswith(reverse("access:sign_in"))
    assert signed_in(stranger).get(URL).status_code == 404


def test_hostile_text_stays_text(pair: tuple[Episode, Episode], browser_of: BrowserOf) -> None:
    evil = "<script>alert(1)</script>\u202e"
    append(pair[1], says("agent", "", call(evil, "c9", **{evil: evil})), result("c9", evil))
    text = browser_of(Role.OWNER).get(URL, {"left": pair[0].pk, "right": pair[1].pk}).content.decode()
    assert "<script>alert" not in text
    assert "\u202e" not in text


def test_it_asks_the_same_few_queries_however_long_the_plays(pair: tuple[Episode, Episode], browser_of: BrowserOf) -> None:
    browser = browser_of(Role.VIEWER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(browser, left=pair[0].pk, right=pair[1].pk)
        return len(asked)

    few = queries()
    append(pair[0], *[says("agent", "", call("find_pet", f"x{n}", id=n)) for n in range(100)])
    assert queries() == few <= 12
