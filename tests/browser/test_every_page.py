"""Every page of the studio in a browser, its every text a harmful one.

Nothing runs, nothing is fetched from elsewhere, nothing is refused by the policy, nothing sticks out, and axe finds no barrier.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests import hostile
from tests.browser.conftest import NARROW, WIDE, Watched
from tests.every_page import Opened, every_page, rich_studio
from tests.people import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CANARY = "window.pwned = () => { console.error('pwned') }; for (const name of ['alert', 'confirm', 'prompt']) window[name] = window.pwned"
LOOKS: list[tuple[dict[str, int], Literal["light", "dark"]]] = [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")]


def pages(owner: User) -> list[Opened]:
    """Everything that is shown: not what is downloaded or leads elsewhere."""
    client = signed_in(owner)
    answers = ((page, client.get(page.path)) for page in every_page(rich_studio()))
    return [page for page, answer in answers if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")]


def prepared(owner: User, first: int) -> list[Opened]:
    """The pages, with texts planted. For a thread of its own."""
    try:
        opened = pages(owner)
        assert hostile.plant(first) > 100
        return opened
    finally:
        connection.close()


@pytest.mark.usefixtures("no_memory_of_packs")
@pytest.mark.parametrize("first", [0, 50])
def test_every_page_is_sound(owner: User, open_page: Callable[..., Watched], first: int) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        # Builders start event loops of their own, and this thread has Playwright's.
        opened = elsewhere.submit(prepared, owner, first).result()
    window = open_page(owner)
    window.page.add_init_script(CANARY)
    window.page.on("dialog", lambda dialog: window.faults.append(f"dialog: {dialog.message}"))
    troubles: dict[str, list[str]] = {}
    for page in opened:
        window.faults.clear()
        window.open(page.path)
        found = [trouble for looks in LOOKS for trouble in looked_at(window, *looks, axe=not first)]
        if window.page.locator("[pwned], pwned-element").count():
            found.append("markup came alive")
        if window.faults or found:
            troubles[page.name] = [*window.faults, *found]
    assert troubles == {}


def looked_at(window: Watched, size: dict[str, int], theme: Literal["light", "dark"], *, axe: bool) -> list[str]:
    """What is wrong with the page at this size and in this theme."""
    window.page.set_viewport_size(size)  # type: ignore[arg-type]
    window.page.emulate_media(color_scheme=theme)
    found = window.barriers() if axe else []
    where = f"{size['width']} wide, {theme}"
    return [f"{where}: {trouble}" for trouble in [*found, *([] if window.fits() else ["it sticks out"])]]
