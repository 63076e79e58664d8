"""An author's way in a browser: a tool by form, a rule by text, a broken line found and mended, audit, release."""

from collections.abc import Callable, Iterator
from threading import Event, Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection
from playwright.sync_api import expect

from studio.pipelines.hands import hands
from synthesis.models import Domain, Release
from tests.browser.conftest import Watched
from tests.builders_runs import install, pack_text
from tests.packs import tool_shed_text

pytestmark = pytest.mark.browser

EDIT = "/catalogue/domains/tool_shed/edit/"
PAGES = ("", "tools/", "tools/borrow_item/", "tools/borrow_item/?view=document", "new-tool/", "changes/", "publish/")
EVIL = (
    'name: <img src=x onerror=alert(1)>\u202e\ntools:\n  - name: x\n    description: "</textarea><script>alert(2)</script>"\n# ' + "x" * 900
)


@pytest.fixture
def worker(owner: User) -> Iterator[None]:
    """Whoever audits beside the web server."""
    done = Event()

    def work() -> None:
        mine = hands()
        while not done.wait(0.2):
            for hand in mine:
                hand.look()
        for hand in mine:
            if hand.thread:
                hand.thread.join(60)
        connection.close()

    thread = Thread(target=work, daemon=True)
    thread.start()
    yield
    done.set()
    thread.join(90)


def shed() -> None:
    """A domain of which nothing is published yet."""
    Domain.objects.create(slug="tool_shed", name="Tool shed", category="community/sharing", pack_text=tool_shed_text())


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_pages_are_sound(owner: User, open_page: Callable[..., Watched], narrow: bool, dark: bool) -> None:
    shed()
    install()
    Domain.objects.create(slug="evil", name=EVIL[:100], category="x", pack_text=EVIL)
    Domain.objects.filter(slug="vet_clinic").update(pack_text=pack_text("vet_clinic").replace("effect: read", "effect: look", 1))
    window = open_page(owner, narrow=narrow, dark=dark)
    vet, evil = "/catalogue/domains/vet_clinic/", "/catalogue/domains/evil/edit/"
    others = ("/catalogue/new/", vet + "releases/", vet + "edit/", vet + "edit/changes/", vet + "edit/publish/", evil, evil + "tools/")
    for path in [*(EDIT + page for page in PAGES), *others]:
        window.open(path)
        assert window.barriers() == [], path
        assert window.fits(), path
    assert window.faults == []


@pytest.mark.usefixtures("worker")
def test_the_whole_way_of_an_author(owner: User, open_page: Callable[..., Watched]) -> None:
    shed()
    window = open_page(owner)
    page = window.open("/catalogue/domains/tool_shed/")
    # A first release, so that the second has something to differ from.
    page.click("text=Edit")
    page.click("#reading >> text=Audit and publish")
    page.click("text=Audit the draft")
    page.get_by_role("button", name="Publish").click(timeout=60_000)
    expect(page.locator("text=Release 1 is published")).to_be_visible()
    # A tool by form.
    page.click("text=Edit")
    page.get_by_role("navigation", name="Editing").get_by_role("link", name="Tools").click()
    page.click("text=pay_fee")
    page.fill("#description", "Record that somebody paid the late fee of a returned loan.")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator("text=The tool is saved in the draft")).to_be_visible()
    # A rule by text, and a line that breaks: the finding comes by itself, with its mark and its way there.
    page.get_by_role("link", name="Text").click()
    area = page.locator("#text")
    text = area.input_value()
    area.fill(text.replace("Be kind.", "Be kind and quick.").replace("effect: read", "effect: look", 1))
    expect(page.locator(".findings >> text=tools.0.effect")).to_be_visible(timeout=15_000)
    page.locator(".findings a").first.click()
    expect(page.locator(".gutter .error")).to_have_count(1)
    chosen = "() => { const a = document.getElementById('text'); return a.value.slice(a.selectionStart, a.selectionEnd) }"
    assert "effect: look" in page.evaluate(chosen)
    page.keyboard.type("    effect: read")
    page.keyboard.press("Control+s")
    expect(page.locator("#reading >> text=can be read")).to_be_visible(timeout=15_000)
    assert window.barriers() == []
    # Audit and release.
    page.click("#reading >> text=Audit and publish")
    expect(page.locator(".changes >> text=pay_fee")).to_be_visible()
    page.click("text=Audit the draft")
    page.get_by_role("button", name="Publish").click(timeout=60_000)
    expect(page.locator("text=Release 2 is published")).to_be_visible()
    release = Release.objects.get(number=2)
    assert "Be kind and quick." in release.pack_text and "somebody paid" in release.pack_text
    page.click("text=What changed")
    expect(page.locator(".changes >> text=Be kind and quick.")).to_be_visible()
    assert window.faults == []


def test_the_editor_by_keyboard(owner: User, open_page: Callable[..., Watched]) -> None:
    shed()
    window = open_page(owner)
    page = window.open(EDIT + "?line=3")
    value = "() => document.getElementById('text').value"
    before = page.evaluate(value)
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("x:")
    page.keyboard.press("Enter")
    page.keyboard.type("y")
    assert "\nx:\n  y\n" in page.evaluate(value), "one step further in after a colon"
    page.keyboard.press("Shift+Tab")
    assert "\nx:\ny\n" in page.evaluate(value)
    page.keyboard.press("Tab")
    for _ in range(12):
        page.keyboard.press("Control+z")
    assert page.evaluate(value) == before, "undo goes all the way back"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "text", "the keyboard is not caught"
    assert window.faults == []


def test_two_authors_notice_each_other(owner: User, open_page: Callable[..., Watched]) -> None:
    shed()
    window = open_page(owner)
    page = window.open(EDIT)
    Domain.objects.update(pack_text="name: theirs\n", version=2)
    page.fill("#text", "name: mine\n")
    expect(page.locator("#reading >> text=Somebody else")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Save").click()
    assert page.input_value("#theirs") == "name: theirs\n" and page.input_value("#mine") == "name: mine\n"
    assert window.barriers() == []
    page.click("text=Save the text on the right")
    assert page.input_value("#text") == "name: mine\n"
    assert Domain.objects.get().version == 3
    assert window.faults == []


def test_authoring_without_scripts(owner: User, open_page: Callable[..., Watched]) -> None:
    shed()
    page = open_page(owner, scripts=False).open(EDIT)
    page.fill("#text", tool_shed_text().replace("effect: read", "effect: look", 1))
    page.get_by_role("button", name="Save").click()
    assert page.locator("text=The draft is saved").is_visible()
    assert page.locator(".findings >> text=tools.0.effect").is_visible()
    page.fill("#text", tool_shed_text())
    page.get_by_role("button", name="Save").click()
    page.goto(page.url + "tools/find_member/")
    page.click("text=JSON Schema")
    assert '"find_member"' in page.input_value("#document")
    page.get_by_role("button", name="Form").click()
    page.fill("#description", "Find somebody by card number.")
    page.get_by_role("button", name="Save").last.click()
    assert page.locator("text=The tool is saved in the draft").is_visible()
