"""Reviewing in a browser: five items from the queue to the last seal without a pointer, and pages without barriers."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page

from judging.models import Review, ReviewQueue
from judging.services import starter_rubric
from studio.models import Role
from tests.browser.conftest import Watched
from tests.judging.services.reviewing import a_queue, claimed, sealed
from tests.people import make_person

pytestmark = pytest.mark.browser

CRITERIA = [criterion.id for criterion in starter_rubric().criteria]


@pytest.fixture
def reviewer(transactional_db: None) -> User:
    """Somebody who reviews."""
    return make_person("rita", Role.REVIEWER)


@pytest.fixture
def queue(transactional_db: None) -> ReviewQueue:
    """Six items."""
    return a_queue(6)


def ready(page: Page) -> None:
    """The screen's scripts are at work."""
    page.wait_for_selector(".criterion[data-current]")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_five_items_without_a_pointer(reviewer: User, queue: ReviewQueue, open_page: Callable[..., Watched]) -> None:
    window = open_page(reviewer)
    page = window.open("/review/")
    press(page, "Enter")  # the big button has the focus
    for n in range(5):
        page.wait_for_url("**/review/items/*/")
        ready(page)
        here = page.url
        press(page, "j", "j")
        for number, slug in enumerate(CRITERIA):
            press(page, *(["ArrowDown"] if number else []), "n" if slug == "efficiency" else "4", "m")
        press(page, "w")
        page.keyboard.type("as it should be")
        press(page, "Escape", "c")
        page.keyboard.type("well done? 5/5 ")
        press(page, "Escape", "x", "f" if n == 4 else "a")
        with page.expect_navigation():
            press(page, "Control+Enter")
        assert page.url != here, page.inner_text("main")
    page.wait_for_selector("#undo")
    reviews = list(Review.objects.filter(reviewer=reviewer, state="sealed").order_by("pk"))
    assert [review.decision for review in reviews] == ["keep"] * 4 + ["fix"]
    verdicts = {verdict.criterion.slug: verdict for verdict in reviews[0].verdicts.select_related("criterion")}
    assert [verdicts[slug].value for slug in CRITERIA] == [None if slug == "efficiency" else 4 for slug in CRITERIA]
    assert verdicts["task_success"].evidence == [2]
    assert verdicts[CRITERIA[-1]].reason == "as it should be"
    assert (reviews[0].first_error, reviews[0].comment) == (2, "well done? 5/5")
    press(page, "u")
    page.wait_for_selector("text=well done?")
    assert Review.objects.filter(reviewer=reviewer, state="sealed").count() == 4
    assert window.faults == []


def test_drafts_save_themselves_and_leaving_takes_a_key(reviewer: User, queue: ReviewQueue, open_page: Callable[..., Watched]) -> None:
    review = claimed(queue, reviewer)
    window = open_page(reviewer)
    page = window.open(f"/review/items/{review.item_id}/")
    ready(page)
    press(page, "2")
    page.wait_for_selector("#lease >> text=draft saved")
    assert page.locator("#lease [data-until]").inner_text() == "20 min left"
    page.reload()
    ready(page)
    assert page.locator("input[name=v-task_success][value='2']").is_checked()
    press(page, "Shift+D")
    page.keyboard.type("I wrote this scenario")
    press(page, "Tab", "Enter")
    page.wait_for_url(lambda url: not url.endswith(f"/items/{review.item_id}/"))
    review.refresh_from_db()
    assert (review.state, review.reason) == ("declined", "I wrote this scenario")
    ready(page)
    second = page.url
    press(page, "Shift+S")
    page.wait_for_url(lambda url: url != second)
    assert Review.objects.filter(reviewer=reviewer, state="draft", slot=None).count() == 1
    assert window.faults == []


def test_without_scripts_it_works_all_the_same(reviewer: User, queue: ReviewQueue, open_page: Callable[..., Watched]) -> None:
    page = open_page(reviewer, scripts=False).open("/review/")
    page.click("text=Review next >> nth=0")
    for slug in CRITERIA:
        page.check(f"input[name=v-{slug}][value='5']", force=True)
    page.click("#seal")
    assert page.locator("text=decide.").is_visible()
    page.check("input[name=decision][value=keep]", force=True)
    page.click("#seal")
    assert page.locator("text=is sealed.").is_visible()
    page.click("text=Compare with the judge")
    assert page.locator("th", has_text="The judge").is_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_pages_are_sound(queue: ReviewQueue, open_page: Callable[..., Watched], narrow: bool, dark: bool) -> None:
    owner = make_person("olga", Role.OWNER)
    first, second = sealed(queue, owner), claimed(queue, owner)
    window = open_page(owner, narrow=narrow, dark=dark)
    pages = ["/review/", "/review/recent/", "/review/manage/", "/review/manage/new/", f"/review/manage/{queue.slug}/"]
    pages += [f"/review/items/{second.item_id}/", f"/review/items/{first.item_id}/sealed/", f"/review/items/{first.item_id}/revise/"]
    for path in pages:
        window.open(path)
        assert window.barriers() == [], path
        assert window.fits(), path
    assert window.faults == []
