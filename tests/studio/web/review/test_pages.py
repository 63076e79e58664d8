"""The way of a reviewer through the pages, without scripts: next, draft, seal, compare, revise, undo."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from judging.models import Review, ReviewItem
from judging.services import starter_rubric
from studio.models import AuditEntry, Role
from studio.web.review.keys import KEYS
from tests.architecture.tree import ROOT
from tests.judging.services.reviewing import a_queue, claimed, sealed, token_of
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
CRITERIA = [criterion.id for criterion in starter_rubric().criteria]


@pytest.fixture
def browser(browser_of: BrowserOf) -> Client:
    """The reviewer's."""
    return browser_of(Role.REVIEWER)


@pytest.fixture
def me(people: dict[Role, User]) -> User:
    """The reviewer."""
    return people[Role.REVIEWER]


def form(review: Review, **more: str) -> dict[str, str]:
    """The whole form, filled in."""
    answers = {f"v-{slug}": "5" for slug in CRITERIA}
    return {"token": token_of(review), **answers, "decision": "keep", "active": "61", **more}


def text_of(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_the_queue_leads_to_the_next_item_and_says_when_there_is_none(browser: Client, me: User) -> None:
    a_queue(1)
    assert "1 episode waits for you" in text_of(browser.get(reverse("review:index")))
    answer = browser.post(reverse("review:next"))
    item = Review.objects.get(reviewer=me).item_id
    assert answer["Location"] == reverse("review:item", args=[item])
    page = text_of(browser.get(answer["Location"]))
    assert "Is the task done" in page and "Mochi" in page
    assert f"Go on with item {item}" in text_of(browser.get(reverse("review:index")))
    browser.post(reverse("review:seal", args=[item]), form(Review.objects.get()))
    assert "Nothing waits for you" in text_of(browser.get(reverse("review:index")))


def test_sealing_goes_on_with_the_next_item(browser: Client, me: User) -> None:
    queue = a_queue(2)
    first = claimed(queue, me)
    answer = browser.post(reverse("review:seal", args=[first.item_id]), form(first))
    second = Review.objects.exclude(pk=first.pk).get()
    assert answer["Location"] == reverse("review:item", args=[second.item_id])
    assert f"Item {first.item_id} is sealed." in text_of(browser.get(answer["Location"]))
    first.refresh_from_db()
    assert (first.state, first.decision, first.active_seconds) == ("sealed", "keep", 61)
    assert AuditEntry.objects.filter(action="review.seal", actor=me).count() == 1


def test_what_is_missing_is_said_and_nothing_is_lost(browser: Client, me: User) -> None:
    review = claimed(a_queue(1), me)
    fields = form(review, **{"decision": "", "v-policy": "0", "v-grounding": "", "r-task_success": "well <done>", "e-tool_use": "999"})
    answer = browser.post(reverse("review:seal", args=[review.item_id]), fields)
    assert answer.status_code == 422
    page = text_of(answer)
    for words in ("Choose a value", "pin an event or give a reason", "There is no event 999", "decide.", "4 places need you"):
        assert words in page
    assert "well <done>" in page and "<done>" not in answer.content.decode()
    saved = {verdict.criterion.slug: verdict for verdict in review.verdicts.select_related("criterion")}
    assert saved["task_success"].reason == "well <done>"
    assert (saved["policy"].value, saved["grounding"].answered) == (0, False)


def test_numbers_that_are_none_stay_in_the_field(browser: Client, me: User) -> None:
    review = claimed(a_queue(1), me)
    page = text_of(browser.post(reverse("review:seal", args=[review.item_id]), form(review, **{"e-policy": "the third"})))
    assert 'value="the third"' in page and "Write event numbers" in page
    review.refresh_from_db()
    assert review.state == "draft"


def test_an_autosave_answers_with_the_lease(browser: Client, me: User) -> None:
    review = claimed(a_queue(1), me)
    url = reverse("review:save", args=[review.item_id])
    answer = browser.post(url, form(review, comment="half"), headers={"HX-Request": "true"})
    assert "draft saved" in text_of(answer) and "<html" not in text_of(answer)
    assert browser.post(url, form(review, comment="half")).status_code == 302
    assert "half" in text_of(browser.get(reverse("review:item", args=[review.item_id])))
    stale = browser.post(url, {**form(review), "token": "old"}, headers={"HX-Request": "true"})
    assert stale.status_code == 422 and "opened anew elsewhere" in text_of(stale)


def test_leaving_an_item(browser: Client, me: User) -> None:
    queue = a_queue(3)
    review = claimed(queue, me)
    browser.post(reverse("review:later", args=[review.item_id]), form(review, comment="tomorrow"))
    review.refresh_from_db()
    assert (review.state, review.comment, review.slot) == ("draft", "tomorrow", None)
    review = claimed(queue, me)
    assert "Say why" in text_of(browser.post(reverse("review:decline", args=[review.item_id]), {"reason": ""}, follow=True))
    browser.post(reverse("review:decline", args=[review.item_id]), {"reason": "my own script", "how": "decline"})
    review.refresh_from_db()
    assert review.state == "declined"
    review = claimed(queue, me)
    browser.post(reverse("review:decline", args=[review.item_id]), {"reason": "no end", "how": "broken"})
    assert ReviewItem.objects.get(pk=review.item_id).state == "broken"
    assert "no end" in text_of(browser.get(reverse("review:recent")))


def test_undo_and_revise(browser: Client, me: User) -> None:
    review = sealed(a_queue(1), me)
    place = [review.item_id]
    assert "Undo" in text_of(browser.get(reverse("review:recent")))
    browser.post(reverse("review:undo", args=place))
    review.refresh_from_db()
    assert review.state == "draft"
    browser.post(reverse("review:seal", args=place), form(review))
    compared = text_of(browser.get(reverse("review:sealed", args=place)))
    assert "The judge" in compared and "programmatic" in compared
    assert "too late" in text_of(browser.post(reverse("review:undo", args=place), follow=True))
    fields = form(review, decision="drop", **{"v-policy": "1", "r-policy": "no yes was asked"})
    assert "Say why" in text_of(browser.post(reverse("review:revise", args=place), fields))
    browser.post(reverse("review:revise", args=place), {**fields, "reason": "read again"})
    compared = text_of(browser.get(reverse("review:sealed", args=place)))
    assert "Earlier versions" in compared and "rejected" in compared and "differs" in compared


def test_other_peoples_items_are_not_there(browser_of: BrowserOf, me: User, client: Client, stranger: User) -> None:
    review = claimed(a_queue(1), me)
    url = reverse("review:item", args=[review.item_id])
    assert browser_of(Role.OWNER).get(url).status_code == 404
    assert signed_in(stranger).get(reverse("review:index")).status_code == 404
    assert client.get(url)["Location"].startswith(reverse("access:sign_in"))


def test_an_assisted_queue_says_so_and_shows_the_judge(browser: Client, me: User) -> None:
    review = claimed(a_queue(1, mode="assisted"), me)
    page = text_of(browser.get(reverse("review:item", args=[review.item_id])))
    assert "not blind" in page and "programmatic" in page


def test_the_pages_ask_few_queries_however_much_waits(browser: Client, me: User) -> None:
    queue = a_queue(12)

    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(url).status_code == 200
        return len(asked)

    review = sealed(queue, me)
    few = queries(reverse("review:recent"))
    for _ in range(6):
        sealed(queue, me)
    assert queries(reverse("review:recent")) == few <= 8
    few = queries(reverse("review:index"))
    review = claimed(queue, me)
    assert queries(reverse("review:index")) == few <= 10
    assert queries(reverse("review:item", args=[review.item_id])) <= 12


def test_every_hint_has_a_deed_and_every_deed_a_hint() -> None:
    script = (ROOT / "static/js/review/keys.js").read_text("utf-8")
    table = script.split("const deeds = {")[1].split("\n  };")[0]
    deeds = re.findall(r"^    (?:async )?(\w+)[:(]", table, re.MULTILINE)
    assert sorted(deeds) == sorted({row.deed for row in KEYS})
