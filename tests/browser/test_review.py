"""Reviewing in a browser: five items from the queue to the last seal without a pointer, and pages without barriers."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page

from judging.models import Adjudication, Review, ReviewQueue
from judging.services import starter_rubric
from judging.services.review_probes import gold_mark
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


def tab_to(page: Page, words: str) -> None:
    """Press Tab until something that says ``words`` has the focus."""
    for _ in range(80):
        press(page, "Tab")
        if words in page.evaluate("document.activeElement.textContent"):
            return
    raise AssertionError(f"no way to {words!r} by Tab")


def test_the_whole_way_without_a_pointer(queue: ReviewQueue, open_page: Callable[..., Watched]) -> None:
    """From opening the queue over five seals to settling what ann and the judge dispute."""
    sealed(queue, make_person("ann", Role.REVIEWER), "drop", 0)
    owner = make_person("olga", Role.OWNER)
    window = open_page(owner)
    page = window.open("/review/")
    press(page, "Enter")
    for n in range(5):
        page.wait_for_url("**/review/items/*/")
        ready(page)
        for number in range(len(CRITERIA)):
            press(page, *(["ArrowDown"] if number else []), "5")
        press(page, "p")
        if n == 0:
            page.keyboard.type("the sc")
        press(page, "Escape", "a")
        with page.expect_navigation():
            press(page, "Control+Enter")
    page.wait_for_selector("text=Nothing more waits for you")
    assert Review.objects.filter(reviewer=owner, state="sealed").count() == 5
    assert Review.objects.filter(reviewer=owner, party="scenario").count() == 1
    tab_to(page, "Disputes")
    press(page, "Enter")
    page.wait_for_selector("text=Settle next")
    press(page, "Enter")
    page.wait_for_url("**/review/disputes/*/")
    ready(page)
    waiting = page.locator(".criterion").count()
    press(page, "b")
    for _ in range(waiting - 1):
        press(page, "ArrowDown", "q", "w")
        page.keyboard.type("is a refusal a success?")
        press(page, "Escape")
    with page.expect_navigation():
        press(page, "Control+Enter")
    page.wait_for_selector("text=Nothing waits for you to settle")
    outcomes = list(Adjudication.objects.order_by("criterion__position").values_list("outcome", flat=True))
    assert outcomes[0] in {"review", "judge"}
    assert outcomes[1:] == ["ambiguous"] * (waiting - 1)
    assert window.faults == []


HEARD = """() => {
  window.heard = {};
  addEventListener("submit", (event) => event.preventDefault(), true);
  addEventListener("keydown", (event) => {
    const shift = event.shiftKey && event.key.length === 1 && /\\p{L}/u.test(event.key);
    const name = (event.ctrlKey ? "Ctrl+" : shift ? "Shift+" : "") + (shift ? event.key.toUpperCase() : event.key);
    window.heard[name] ||= event.defaultPrevented;
  });
}"""
"""Notes of each key whether the page did something about it; nothing is sent."""
CLOSE = "document.activeElement.blur(); document.querySelectorAll('[popover]:popover-open').forEach((p) => p.hidePopover())"
PRESSED = {"↑": "ArrowUp", "↓": "ArrowDown", "Ctrl+Enter": "Control+Enter"}


@pytest.mark.parametrize("screen", ["item", "just sealed", "revise", "settle"])
def test_every_hint_has_a_handler_and_every_handler_a_hint(screen: str, queue: ReviewQueue, open_page: Callable[..., Watched]) -> None:
    owner = make_person("olga", Role.OWNER)
    disputed = sealed(queue, make_person("ann", Role.REVIEWER), "drop", 0)
    if screen in {"just sealed", "revise"}:
        mine = sealed(queue, owner)
    path = {
        "revise": lambda: f"/review/items/{mine.item_id}/revise/",
        "settle": lambda: f"/review/disputes/{disputed.item_id}/",
    }.get(screen, lambda: f"/review/items/{claimed(queue, owner).item_id}/")()
    window = open_page(owner)
    page = window.open(path)
    ready(page)
    hints = [row.get_attribute("data-key") or "" for row in page.locator("#keys [data-key]").all()]
    assert ("u" in hints) == (screen == "just sealed")
    shown = {kbd.strip() for kbd in page.locator("main kbd:visible").all_inner_texts()}
    assert shown <= set(hints), "a hint beside a button is in the sheet"
    page.evaluate(HEARD)
    # A page that has scrolled to a message can pin it.
    press(page, "j")
    for key in hints:
        if key == "Escape":
            press(page, "w")
        press(page, PRESSED.get(key, key), "Escape")
        page.evaluate(CLOSE)
    heard = page.evaluate("window.heard")
    assert [key for key in hints if not heard.get(PRESSED.get(key, key) if key in "↑↓" else key)] == []
    for key in ("z", "g", "v", "6"):
        press(page, key)
    assert [key for key in ("z", "g", "v", "6") if page.evaluate("window.heard")[key]] == [], "what has no hint does nothing"
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
    disputed = sealed(queue, make_person("ann", Role.REVIEWER), "drop", 0).item
    first, second = sealed(queue, owner), claimed(queue, owner)
    gold_mark(item=disputed, expected={"policy": 5, "efficiency": None}, by=owner, now=timezone.now())
    question = disputed.adjudications.all()[0].criterion_id
    window = open_page(owner, narrow=narrow, dark=dark)
    pages = ["/review/", "/review/recent/", "/review/manage/", "/review/manage/new/", f"/review/manage/{queue.slug}/"]
    pages += [f"/review/items/{second.item_id}/", f"/review/items/{first.item_id}/sealed/", f"/review/items/{first.item_id}/revise/"]
    pages += ["/review/card/", "/review/people/", "/review/disputes/", f"/review/disputes/{disputed.pk}/", "/review/questions/"]
    pages += [f"/review/questions/{question}/", f"/review/manage/{queue.slug}/gold/", f"/review/manage/items/{disputed.pk}/gold/"]
    for path in pages:
        window.open(path)
        assert window.barriers() == [], path
        assert window.fits(), path
    assert window.faults == []
