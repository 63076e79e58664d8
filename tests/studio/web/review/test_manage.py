"""Managing queues, and sending episodes to them."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from judging.models import ReviewItem, ReviewQueue
from studio.models import AuditEntry, Role
from tests.judging.builders import good
from tests.judging.services.reviewing import a_queue, claimed, judged_run, reviewer, sealed
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
SETTINGS = {"name": "N", "overlap": "2", "lease_minutes": "5", "fail_share": "1", "pass_share": "0.2", "most_per_run": "40", "active": "on"}
SETTINGS |= {"random_share": "0.15", "disagree_share": "1", "unsure_share": "0", "unsure_below": "4", "new_release_share": "0"}
SETTINGS |= {"gold_share": "0.05", "repeat_share": "0.03"}


@pytest.fixture
def browser(browser_of: BrowserOf) -> Client:
    """The operator's."""
    return browser_of(Role.OPERATOR)


def text_of(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_a_queue_is_made_and_changed(browser: Client) -> None:
    starter = a_queue(0)
    answer = browser.post(reverse("review:queue_new"), SETTINGS | {"mode": "assisted", "rubric": starter.rubric_version_id})
    made = ReviewQueue.objects.get(mode="assisted")
    assert answer["Location"] == reverse("review:queue", args=[made.slug])
    browser.post(reverse("review:queue", args=[made.slug]), SETTINGS | {"name": "Other", "guidelines": "<b>mind</b>"})
    made.refresh_from_db()
    assert (made.name, made.overlap, made.lease_minutes) == ("Other", 2, 5)
    page = browser.get(reverse("review:queue", args=[made.slug]))
    assert "hours of people" in text_of(page)
    assert b"<b>mind" not in page.content
    assert AuditEntry.objects.filter(action="review.queue").count() == 2
    wrong = browser.post(reverse("review:queue", args=[made.slug]), SETTINGS | {"overlap": "99", "name": "typed"})
    assert wrong.status_code == 422
    assert "typed" in text_of(wrong)


def test_slots_are_freed_and_given(browser: Client, people: dict[Role, User]) -> None:
    queue = a_queue(1)
    review = claimed(queue, reviewer("ann"))
    url = reverse("review:slot", args=[review.slot_id])
    assert "Nobody called viewer may review" in text_of(browser.post(url, {"to": "viewer"}, follow=True))
    assert "Given to reviewer" in text_of(browser.post(url, {"to": "reviewer"}, follow=True))
    review.refresh_from_db()
    assert review.slot is None
    assert "Freed" in text_of(browser.post(url, {"to": ""}, follow=True))
    assert "That cannot be" in text_of(browser.post(url, {"to": "reviewer"}, follow=True))


def test_episodes_are_sent_from_where_they_are_seen(browser: Client, browser_of: BrowserOf) -> None:
    queue = a_queue(0)
    run = judged_run(good(), good(), good())
    ids = [item["id"] for item in browser.get(f"/api/v1/episodes/?run={run.pk}").json()["items"]]
    place = reverse("runs:episode", args=[ids[0]])
    assert "Send to review" in text_of(browser.get(place))
    assert "Send to review" not in text_of(browser_of(Role.AUTHOR).get(place))
    assert "1 episode is sent" in text_of(browser.post(reverse("review:send_episode", args=[ids[0]]), follow=True))
    assert "in Starter queue already" in text_of(browser.post(reverse("review:send_episode", args=[ids[0]]), follow=True))
    assert "Send episodes to review" in text_of(browser.get(reverse("runs:run", args=[run.pk])))
    assert "1 episode is sent" in text_of(browser.post(reverse("review:send_run", args=[run.pk]), {"number": "1"}, follow=True))
    rest = ids if len(ids) == 3 else []
    add = reverse("review:add", args=[queue.slug])
    assert "2 episodes are sent" not in text_of(browser.post(add, {"episodes": ", ".join(map(str, rest))}, follow=True))
    assert ReviewItem.objects.filter(stratum="asked").count() == 3
    for data, words in (
        ({"episodes": "999999"}, "Not there, or not over yet: 999999."),
        ({"run": "999999"}, "There is no such run."),
        ({}, "Name a run or episodes."),
    ):
        wrong = browser.post(add, data)
        assert wrong.status_code == 422
        assert words in text_of(wrong)


def test_a_broken_item_is_opened_again(browser: Client, people: dict[Role, User]) -> None:
    queue = a_queue(1)
    review = claimed(queue, people[Role.REVIEWER])
    signed_in(people[Role.REVIEWER]).post(reverse("review:decline", args=[review.item_id]), {"reason": "it stops", "how": "broken"})
    assert "it stops" in text_of(browser.get(reverse("review:queue", args=[queue.slug])))
    browser.post(reverse("review:reopen", args=[review.item_id]))
    assert ReviewItem.objects.get(pk=review.item_id).state == "started"


def test_strangers_and_the_number_of_queries(browser: Client, stranger: User) -> None:
    queue = a_queue(8)
    url = reverse("review:queue", args=[queue.slug])
    assert signed_in(stranger).get(url).status_code == 404

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            browser.get(url)
        return len(asked)

    claimed(queue, reviewer("a0"))
    sealed(queue, reviewer("ann"))
    few = queries()
    for n in range(1, 4):
        sealed(queue, reviewer("ann"))
        claimed(queue, reviewer(f"a{n}")) if n < 3 else None
    assert queries() == few <= 26
