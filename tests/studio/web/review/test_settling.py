"""Settling, gold, cards, worksheets and forecasts as pages."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from judging.engine.attribution import PARTIES, SEVERITIES
from judging.engine.checks.registry import TAGS
from judging.models import Adjudication, CriterionScore, GoldItem, Review, ReviewItem, ReviewQueue, RubricNote
from judging.services import starter_rubric
from studio.models import AuditEntry, Role
from studio.web.review.blame import PARTY_WORDS, SEVERITY_WORDS, TAG_WORDS
from tests.judging.services.reviewing import a_queue, claimed, full, reviewer, sealed, token_of

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]


@pytest.fixture
def item(db: None) -> ReviewItem:
    """An item that ann rejects and the judge praises: every hard criterion is disputed."""
    queue = a_queue(2)
    CriterionScore.objects.update(value=5, reason="zyxjudged")
    return sealed(queue, reviewer("ann"), "drop", 0).item


@pytest.fixture
def browser(browser_of: BrowserOf) -> Client:
    """The operator's."""
    return browser_of(Role.OPERATOR)


def text_of(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_answers_have_letters_and_no_names(browser: Client, item: ReviewItem) -> None:
    page = text_of(browser.get(reverse("review:settle", args=[item.pk])))
    panel = page.split('aria-label="Answers"')[1]
    assert "zyxjudged" in panel and 'value="A"' in panel and 'value="B"' in panel
    assert not re.search(r"\bann\b|judge", panel.replace("zyxjudged", ""))
    assert "1 item waits for you" in text_of(browser.get(reverse("review:disputes")))


def test_settling_goes_on_and_is_in_the_trail(browser: Client, item: ReviewItem) -> None:
    url = reverse("review:settle", args=[item.pk])
    assert "Choose an answer" in text_of(browser.post(url, {}))
    slugs = list(item.adjudications.values_list("criterion__slug", flat=True))
    wrong = browser.post(url, {f"c-{slug}": "ambiguous" for slug in slugs})
    assert wrong.status_code == 422 and "Say what is ambiguous" in text_of(wrong)
    assert not Adjudication.objects.exclude(outcome="").exists()
    fields = {f"c-{slugs[0]}": "A", f"c-{slugs[1]}": "v3"} | {f"c-{slug}": "vna" for slug in slugs[2:]}
    assert browser.post(url, fields)["Location"] == reverse("review:disputes")
    assert set(item.adjudications.values_list("criterion__slug", "value")) >= {(slugs[1], 3), (slugs[-1], None)}
    assert AuditEntry.objects.filter(action="review.adjudicate", object_id=str(item.pk)).count() == 1
    assert browser.get(url).status_code == 404
    row = item.adjudications.get(criterion__slug=slugs[1])
    browser.post(reverse("review:reopen_dispute", args=[row.pk]))
    assert browser.get(url).status_code == 200


def test_nobody_settles_their_own_and_reviewers_nothing(item: ReviewItem, browser_of: BrowserOf, people: dict[Role, User]) -> None:
    Review.objects.filter(item=item).update(reviewer=people[Role.OPERATOR])
    assert browser_of(Role.OPERATOR).get(reverse("review:settle", args=[item.pk])).status_code == 404
    assert browser_of(Role.AUTHOR).get(reverse("review:settle", args=[item.pk])).status_code == 200
    assert browser_of(Role.REVIEWER).get(reverse("review:settle", args=[item.pk])).status_code == 404


def test_gold_is_proposed_marked_and_taken_back(browser: Client, item: ReviewItem) -> None:
    url, listed = reverse("review:gold_item", args=[item.pk]), reverse("review:gold", args=[item.queue.slug])
    assert f"Mark item {item.pk}" not in text_of(browser.get(listed)), "what waits to be settled is no candidate"
    page = text_of(browser.get(url))
    assert 'name="v-communication" value="0" checked' in page
    assert 'name="v-policy" value="" checked' in page, "what is disputed is not proposed"
    assert browser.post(url, {}).status_code == 422
    browser.post(url, {"v-policy": "5", "v-efficiency": "na", "v-grounding": "77"})
    assert GoldItem.objects.get().expected == {"policy": 5, "efficiency": None}
    assert "policy 5" in text_of(browser.get(listed))
    browser.post(url, {"end": "1"})
    assert not GoldItem.objects.get().active


def test_hours_are_told_before_saving(browser: Client) -> None:
    queue = a_queue(0)
    fields = {
        "fail_share": "1", "pass_share": "0.1", "most_per_run": "60", "disagree_share": "1", "unsure_share": "0", "unsure_below": "4",
        "new_release_share": "0", "random_share": "0.15", "overlap": "2", "queue": queue.slug,
    }  # fmt: skip
    url = reverse("review:forecast")
    told = text_of(browser.get(url, fields, headers={"HX-Request": "true"}))
    hours = float(re.search(r"([\d.]+) hours of people", told)[1])  # type: ignore[index]
    single = text_of(browser.get(url, fields | {"overlap": "1"}, headers={"HX-Request": "true"}))
    assert hours == pytest.approx(2 * float(re.search(r"([\d.]+) hours of people", single)[1]), abs=0.2)  # type: ignore[index]
    for wrong in ({"random_share": "0.1"}, {"overlap": "x"}, {"most_per_run": "nan"}):
        assert "once all numbers are in their limits" in text_of(browser.get(url, fields | wrong, headers={"HX-Request": "true"}))
    assert browser.get(url, fields)["Location"] == reverse("review:manage")
    page = browser.post(reverse("review:queue", args=[queue.slug]), {**fields, "name": "typed", "lease_minutes": "5", "reckon": "1"})
    assert "typed" in text_of(page) and ReviewQueue.objects.get().name != "typed"


def test_a_random_stratum_always_remains(browser: Client) -> None:
    queue = a_queue(0)
    answer = browser.post(reverse("review:queue", args=[queue.slug]), {"random_share": "0.05", "name": "x"})
    assert answer.status_code == 422
    assert "greater than or equal to 0.15" in text_of(answer)


def test_worksheets_and_notes(browser: Client, item: ReviewItem) -> None:
    criterion = item.adjudications.all()[0].criterion
    assert criterion.question in text_of(browser.get(reverse("review:questions")))
    url = reverse("review:worksheet", args=[criterion.pk])
    browser.post(reverse("review:note", args=[criterion.pk]), {"text": "<b>sharper"})
    page = browser.get(url)
    assert "zyxjudged" in text_of(page) and b"<b>sharper" not in page.content
    file = browser.get(reverse("review:worksheet_file", args=[criterion.pk]))
    assert file["Content-Type"] == "text/markdown; charset=utf-8" and f"## Item {item.pk}" in file.content.decode()
    browser.post(reverse("review:note_close", args=[RubricNote.objects.get().pk]))
    assert "sharper" not in text_of(browser.get(url))


def test_whoever_reviews_may_say_whose_fault_it_is(browser_of: BrowserOf, people: dict[Role, User]) -> None:
    queue, browser = a_queue(1), browser_of(Role.REVIEWER)
    review = claimed(queue, people[Role.REVIEWER])
    answers = {f"v-{criterion.id}": "5" for criterion in starter_rubric().criteria}
    form = {"token": token_of(review), **answers, "decision": "fix", "first_error": "2", "tag": "missing_call", "party": "nobody"}
    wrong = browser.post(reverse("review:seal", args=[review.item_id]), form)
    assert wrong.status_code == 422 and "Say whose fault it is" in text_of(wrong)
    browser.post(reverse("review:seal", args=[review.item_id]), form | {"party": "agent", "severity": "major"})
    review.refresh_from_db()
    assert (review.state, review.party, review.tag, review.severity, review.first_error) == ("sealed", "agent", "missing_call", "major", 2)
    shown = text_of(browser.get(reverse("review:sealed", args=[review.item_id])))
    assert "the agent, a call is missing, major" in shown


def test_every_party_tag_and_severity_has_words() -> None:
    assert set(PARTY_WORDS) == set(PARTIES)
    assert set(TAG_WORDS) == set(TAGS)
    assert set(SEVERITY_WORDS) == set(SEVERITIES)


def test_cards(browser: Client, browser_of: BrowserOf, people: dict[Role, User], item: ReviewItem) -> None:
    assert "ann" in text_of(browser.get(reverse("review:people")))
    mine = browser_of(Role.REVIEWER)
    assert "You have not reviewed anything yet" in text_of(mine.get(reverse("review:card")))
    sealed(item.queue, people[Role.REVIEWER])
    page = text_of(mine.get(reverse("review:card")))
    assert "How I answer" in page and not re.search(r"\bann\b", page)
    assert full().decision == "keep"
