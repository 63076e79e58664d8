"""The frame in a browser: no violation of the policy, no barrier, both widths, both themes, with and without scripts."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from studio.access.members import member_invite
from studio.access.tokens import token_create
from studio.models import Role
from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

PAGES = ("/settings/profile/", "/settings/members/", "/settings/tokens/", "/settings/audit/", "/no-such-page")
EVIL = "<img src=x onerror=alert(1)> \"'><script>alert(2)</script>\u202e\u200b" + "x" * 90


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_pages_are_sound(owner: User, open_page: Callable[..., Watched], narrow: bool, dark: bool) -> None:
    now = timezone.now()
    member_invite(actor=owner, username="erin", name=EVIL, role=Role.AUTHOR, now=now)
    token_create(user=owner, name=EVIL[:80], scopes=["read", "runs"], days=7, now=now)
    window = open_page(owner, narrow=narrow, dark=dark)
    for path in PAGES:
        window.open(path)
        assert window.barriers() == [], path
        assert window.fits(), path
    assert window.faults == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_way_in_is_sound(owner: User, open_page: Callable[..., Watched], language: str) -> None:
    window = open_page(language=language, narrow=True)
    _user, secret = member_invite(actor=owner, username="erin", name="", role=Role.AUTHOR, now=timezone.now())
    for path in ("/sign-in/", f"/sign-in/{secret}/", "/sign-in/spent/"):
        window.open(path)
        assert window.barriers() == [], path
        assert window.fits(), path
    assert window.faults == []


def test_the_theme_is_switched_and_kept(owner: User, open_page: Callable[..., Watched]) -> None:
    window = open_page(owner)
    page = window.open("/settings/profile/")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(background)
    with page.expect_response("**/appearance/"):
        page.click("[data-theme-form] button")
    assert page.url.endswith("/settings/profile/"), "the page is not loaded anew"
    dark = page.evaluate(background)
    assert dark != light
    page.reload()
    assert page.evaluate(background) == dark
    assert window.faults == []


def test_everything_works_without_scripts(owner: User, open_page: Callable[..., Watched]) -> None:
    page = open_page(owner, scripts=False).open("/settings/profile/")
    page.click("[data-theme-form] button")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.click("[popovertarget=person]")
    page.click("#person a")
    page.goto(page.url.replace("profile", "tokens"))
    page.fill("[name=name]", "nightly")
    page.check("[name=scopes][value=read]")
    page.click("text=Make token")
    assert page.input_value("#token").startswith("ads_")
    page.click("text=Done")
    page.click("text=Revoke >> nth=0")
    page.click("dialog button.solid")
    assert page.locator("text=it opens nothing any more").is_visible()
    page.click("[popovertarget=person]")
    page.click("#person button")
    assert page.url.endswith("/sign-in/")


def test_a_dialog_asks_and_can_be_left_by_key(owner: User, open_page: Callable[..., Watched]) -> None:
    token_create(user=owner, name="nightly", scopes=["read"], days=7, now=timezone.now())
    window = open_page(owner)
    page = window.open("/settings/tokens/")
    page.click("text=Revoke")
    assert page.locator("dialog").is_visible()
    assert page.evaluate("document.activeElement.textContent.trim()") == "Cancel", "the harmless answer has the focus"
    assert window.barriers() == []
    page.keyboard.press("Escape")
    assert not page.locator("dialog").is_visible()
    assert page.locator("text=valid").is_visible()


def test_the_keyboard_reaches_content_first(owner: User, open_page: Callable[..., Watched]) -> None:
    page = open_page(owner).open("/settings/profile/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_html_that_could_run_is_refused(owner: User, open_page: Callable[..., Watched]) -> None:
    """Trusted Types: whatever a script is made to write, the policy lets nothing through that could run."""
    page = open_page(owner).open("/settings/profile/")
    write = "html => { try { document.createElement('div').innerHTML = html; return 'written' } catch (error) { return error.name } }"
    assert page.evaluate(write, "<p class='a'>fine</p><template><b>x</b></template>") == "written"
    for evil in (
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "<script src='https://evil.example/x.js'></script>",
        "<script src='//evil.example/x.js'></script>",
        "<a href=' javascript:alert(1)'>x</a>",
        "<template><img src=x onerror=alert(1)></template>",
        "<div hx-on:click='alert(1)'></div>",
        "<svg><a xlink:href='javascript:alert(1)'></a></svg>",
    ):
        assert page.evaluate(write, evil) == "TypeError", evil


def test_htmx_swaps_what_the_server_sends_and_says_when_it_fails(owner: User, open_page: Callable[..., Watched]) -> None:
    window = open_page(owner)
    page = window.open("/settings/profile/")
    page.evaluate("() => { htmx.ajax('GET', '/settings/members/', {target: '.page-head', select: 'table', swap: 'innerHTML'}) }")
    page.wait_for_selector(".page-head table")
    page.evaluate("() => { htmx.ajax('GET', '/no-such-page', {target: '.page-head'}) }")
    page.locator("#flash", has_text="Nothing was changed").wait_for(state="attached")
    assert page.locator(".page-head table").count() == 1
