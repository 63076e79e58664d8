"""The try-it console in a browser: fill, call, see the delta, break it, reset; and the same without scripts."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from synthesis.models import Release, Scenario
from tests.browser.conftest import Watched
from tests.builders_runs import a_run, install, queued

pytestmark = pytest.mark.browser

DOMAIN = "/catalogue/domains/vet_clinic"
TRY = f"{DOMAIN}/tools/move_visit/try/"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_pages_are_sound(owner: User, open_page: Callable[..., Watched], narrow: bool, dark: bool) -> None:
    install()
    queued(a_run(2))
    digest = Scenario.objects.values_list("pk", flat=True)[0]
    Release.objects.update(audit={"intents": {"move_visit": {}}})
    window = open_page(owner, narrow=narrow, dark=dark)
    pages = [
        "/catalogue/",
        "/catalogue/?words=move",
        "/catalogue/tools/",
        "/catalogue/scenarios/",
        f"/catalogue/scenarios/{digest}/",
        f"{DOMAIN}/",
        f"{DOMAIN}/world/?table=visits",
        f"{DOMAIN}/relations/",
        f"{DOMAIN}/scenarios/",
        f"{DOMAIN}/scenarios/draw/",
        f"{DOMAIN}/tools/move_visit/",
        TRY,
        f"{TRY}?fill=break:type:slot_id",
    ]
    for path in pages:
        window.open(path)
        assert window.barriers() == [], path
        assert window.fits(), path
    assert window.faults == []


def fill(page: Page, text: str) -> None:
    """Choose an entry of the menu."""
    page.click("details.fill summary")
    page.locator("details.fill a", has_text=text).first.click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_tool_is_tried(owner: User, open_page: Callable[..., Watched], scripts: bool) -> None:
    install()
    window = open_page(owner, scripts=scripts)
    page = window.open(f"{DOMAIN}/tools/move_visit/")
    page.click("text=Try it >> nth=0")
    assert "No calls yet" in page.inner_text("#console")
    fill(page, "move_visit")
    # The address changes before the form does.
    expect(page.locator("[name='arg.visit_id']")).to_have_value(re.compile("^A-"))
    visit = page.input_value("[name='arg.visit_id']")
    page.click("button:has-text('Call')")
    page.wait_for_url("**at=1*")
    assert "3 rows changed" in page.inner_text("#result") and visit in page.inner_text("#result")
    if scripts:
        assert page.evaluate("document.activeElement.id") == "result-title", "who cannot see the page hears what came of the call"
        assert window.barriers() == []
    fill(page, "leave out slot_id")
    expect(page.locator("[name='arg.slot_id']")).to_have_value("")
    page.click("button:has-text('Call')")
    page.wait_for_url("**at=2*")
    assert "invalid_arguments" in page.inner_text("#result") and "No row changed" in page.inner_text("#result")
    page.click("text=Show JSON")
    page.wait_for_selector("#arguments")
    page.fill("#arguments", "{")
    page.click("button:has-text('Call')")
    page.wait_for_selector("#arguments-error")
    assert page.input_value("#arguments") == "{"
    page.click("text=Reset to the seeded world")
    page.wait_for_selector("text=No calls yet")
    assert window.faults == []
