"""A real browser in front of a real server: pages as people meet them."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright
from pytest_django.live_server_helper import LiveServer

from studio.models import Role
from tests.people import make_person, signed_in

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = {"width": 1400, "height": 900}, {"width": 390, "height": 844}

EXPECTED = ("Failed to load resource", "htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")
"""What a sound page may say on the console. A page for 404 or 422 is a page as well; that it is one is for the test to say. A part of a
page that was on its way when the reader went elsewhere or typed on is broken off, which htmx calls an error; one that the server refuses is
another (``htmx:responseError``) and counts.
"""


@dataclass
class Watched:
    """A page and what went wrong on it: errors of scripts, refusals of the content security policy, requests to elsewhere."""

    page: Page
    server: str
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(EXPECTED):
            self.faults.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.server, self.server.replace("http", "ws", 1), "data:", "blob:")):
            self.faults.append(f"request: {request.url}")

    def open(self, path: str) -> Page:
        """Go to a page of the studio."""
        self.page.goto(self.server + path)
        return self.page

    def fits(self) -> bool:
        """Whether nothing sticks out of the window to the right."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

    def barriers(self) -> list[str]:
        """What axe finds serious or critical."""
        found: dict[str, Any] = Axe().run(self.page).response
        return [
            f"{rule['id']}: {node['html'][:200]}"
            for rule in found["violations"]
            if rule["impact"] in {"serious", "critical"}
            for node in rule["nodes"]
        ]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium without a window. It goes with its module: while Playwright is open an event loop is running, which would fail every test
    after it that asks the database or starts a loop of its own."""
    with sync_playwright() as playwright:
        # The driver's event loop belongs to this thread while it runs, and Django would refuse to read the database beside it.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer, tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    """``open_page(user=None, narrow=False, dark=False, language="en", scripts=True)``: a window, signed in as ``user``."""
    contexts: list[BrowserContext] = []

    def opened(
        user: User | None = None, *, narrow: bool = False, dark: bool = False, language: str = "en", scripts: bool = True
    ) -> Watched:
        context = browser.new_context(
            viewport=NARROW if narrow else WIDE,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            locale=language,
            java_script_enabled=scripts,
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        if user is not None:
            session = signed_in(user).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return Watched(context.new_page(), live_server.url)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def owner(transactional_db: None) -> User:
    """The studio's owner."""
    return make_person("owner", Role.OWNER)
