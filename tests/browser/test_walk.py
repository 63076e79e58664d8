"""The first day of a new user, in a real browser in front of a real studio with its workers: everything the studio is for, once, by the
links that the pages offer, without documentation and without a dead end."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDE, Watched
from tests.studio.installation import Installation, kill_tree
from tests.studio.serving import Served

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 120_000
"""Milliseconds for what workers do."""
SENTENCE = "A small world that somebody changed on their first day."


@pytest.fixture
def studio(studio_environment: dict[str, str]) -> Iterator[Served]:
    """A studio at its first start, with the whole catalogue and the run that it begins by itself."""
    home = Installation(studio_environment, "vet_clinic")
    home.finish("install_catalog")
    served = Served(home)
    yield served
    if served.process.poll() is None:
        served.end()
        kill_tree(served.process.pid)


@pytest.fixture
def visitor(browser: Browser, studio: Served) -> Iterator[Watched]:
    """A window in front of it, and what goes wrong there."""
    context = browser.new_context(viewport=WIDE, accept_downloads=True)  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    yield Watched(context.new_page(), studio.url)
    context.close()


def home(page: Page) -> None:
    """To the first page, by the navigation."""
    page.get_by_role("navigation", name="Areas").get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible()


def step(page: Page, name: str) -> None:
    """One of the six things that the first page offers."""
    home(page)
    page.locator(".day").get_by_role("link", name=re.compile(name)).click()


def test_a_new_user_goes_the_whole_way(studio: Served, visitor: Watched, tmp_path: Path) -> None:
    page = visitor.page
    page.goto(studio.link)
    page.get_by_role("button", name="Open the studio").click()
    watch(page)
    try_a_tool(page)
    publish(page)
    launch(page)
    review(page)
    download(page, tmp_path)
    assert visitor.faults == []


def watch(page: Page) -> None:
    """An episode is followed as it is played, without loading the page again."""
    step(page, "Watch an episode")
    if "/episodes/" not in page.url:
        # In the first seconds nothing is played yet: the run's page shows when that changes.
        page.locator(".cell.playing").first.click(timeout=PATIENCE)
    expect(page.locator("#phase")).to_have_text("Live", timeout=PATIENCE)
    before = page.locator("#transcript > li").count()
    expect(page.locator(f"#transcript > li:nth-child({before + 2})")).to_be_attached(timeout=PATIENCE)


def try_a_tool(page: Page) -> None:
    """A tool is called by hand, and the world changes."""
    step(page, "Try a tool")
    page.get_by_text("Fill in an example, or break it").click()
    page.get_by_role("link", name="Draw 1").click()
    expect(page.locator("#console [name^='arg.']").first).not_to_have_value("")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.locator("#result")).to_be_visible(timeout=PATIENCE)


def publish(page: Page) -> None:
    """A domain is changed, audited and published."""
    step(page, "Edit a domain")
    text = page.locator("#text")
    text.fill(re.sub(r"^description: .*$", f"description: {SENTENCE}", text.input_value(), count=1, flags=re.MULTILINE))
    page.get_by_role("button", name="Save").first.click()
    page.get_by_role("link", name="Audit and publish").first.click()
    page.get_by_role("button", name="Audit the draft").click()
    page.get_by_role("button", name="Publish", exact=True).click(timeout=PATIENCE)
    page.get_by_role("link", name="Releases").click()
    expect(page.get_by_role("rowheader", name="2", exact=True)).to_be_visible()


def launch(page: Page) -> None:
    """A run on that domain, to its end."""
    step(page, "Start a run")
    page.get_by_label("Veterinary clinic").check()
    page.get_by_label("Episodes", exact=True).fill("12")
    page.get_by_label("Share of slips").fill("0.5")
    page.get_by_role("button", name="Start the run").click()
    expect(page.get_by_text("finished", exact=True).first).to_be_visible(timeout=PATIENCE)


def review(page: Page) -> None:
    """An episode is scored by the keyboard, sealed, and compared with the judge."""
    home(page)
    page.get_by_role("navigation", name="Areas").get_by_role("link", name="Review").click()
    for _ in range(60):
        if page.get_by_role("button", name="Review next").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    page.get_by_role("button", name="Review next").first.click()
    expect(page.locator("#review")).to_be_visible()
    page.wait_for_load_state()  # keys work once the page's scripts have run
    for _criterion in page.locator('fieldset[data-field^="v-"]').all():
        page.keyboard.press("5")
        page.keyboard.press("ArrowDown")
    page.keyboard.press("a")
    page.keyboard.press("Control+Enter")
    page.get_by_role("link", name="Compare with the judge").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def download(page: Page, folder: Path) -> None:
    """A dataset is made of what was good, and taken home."""
    step(page, "Download a dataset")
    if page.get_by_role("link", name="New dataset").count():
        page.get_by_role("link", name="New dataset").first.click()
    page.get_by_label("Name", exact=True).fill("First day")
    page.get_by_role("button", name="Make this dataset").click()
    link = page.get_by_role("link", name="openai", exact=True)
    link.wait_for(timeout=PATIENCE)
    with page.expect_download() as taken:
        link.click()
    taken.value.save_as(folder / "openai.jsonl")
    assert (folder / "openai.jsonl").read_text("utf-8").count("\n") > 0
