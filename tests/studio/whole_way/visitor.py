"""A visitor without a browser: pages over plain HTTP, their forms as they stand, and sockets. What works here works without JavaScript."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin


@dataclass
class Form:
    """A form of a page: where it goes, and what it would send untouched."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


class Forms(HTMLParser):
    """Finds the forms of a page, with the values a browser would send."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.open: Form | None = None
        self.select = self.area = self.option = ""
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.found.append(self.open)
        if self.open is None or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.open.fields.append((self.select, given.get("value", "")))
        elif tag == "textarea":
            self.area, self.text = name, ""
        elif tag == "button":
            self.text = ""
            self.option = "button"
            if name:
                self.open.texts.append(f"{name}={given.get('value', '')}")

    def _input(self, name: str, given: Mapping[str, str]) -> None:
        assert self.open is not None
        kind = given.get("type", "text")
        if kind in {"checkbox", "radio"} and "checked" not in given:
            return
        if kind not in {"submit", "button", "file", "image"}:
            self.open.fields.append((name, given.get("value", "on" if kind in {"checkbox", "radio"} else "")))

    def handle_data(self, data: str) -> None:
        if self.area or self.option:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "textarea" and self.open is not None and self.area:
            # A browser drops the line break that follows the tag.
            self.open.fields.append((self.area, self.text.removeprefix("\n")))
            self.area = ""
        elif tag == "button" and self.open is not None and self.option:
            self.open.texts.append(" ".join(self.text.split()))
            self.option = ""
        elif tag == "form":
            self.open = None


@dataclass
class Page:
    """An answer."""

    url: str
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def html(self) -> str:
        """As text."""
        return self.body.decode()

    def links(self, pattern: str) -> list[str]:
        """Addresses of the page's links that match."""
        return [link for link in re.findall(r'href="([^"]+)"', self.html) if re.fullmatch(pattern, link)]

    def form(self, *, button: str = "", action: str = "") -> Form:
        """The form whose button says so, or that goes there."""
        for form in Forms(self.html).found:
            if (button and button in form.texts) or (action and re.fullmatch(action, form.action)):
                return form
        raise AssertionError(f"{self.url} has no form {button or action!r}")


class Visitor:
    """Speaks with a web server at ``address`` as if it were reached at ``origin`` (https behind a proxy that ends TLS)."""

    def __init__(self, address: str, origin: str = "") -> None:
        self.address, self.origin = address, origin or address
        self.cookies: dict[str, str] = {}
        self.last = "/"
        self.farewell: int | None = None

    def open(self, path: str) -> Page:
        """Go to a page and wherever it leads."""
        return self._follow("GET", path)

    def send(self, page: Page, form: Form, **changes: Any) -> Page:
        """Send a form of ``page`` with ``changes`` (a list for several values; None takes a field out)."""
        fields = [(name, value) for name, value in form.fields if name not in changes]
        for name, value in changes.items():
            values = value if isinstance(value, list) else [] if value is None else [value]
            fields += [(name, str(one)) for one in values]
        self.last = page.url
        target = urljoin(page.url, form.action) if form.action else page.url
        if form.method == "get":
            return self._follow("GET", f"{target.partition('?')[0]}?{urlencode(fields)}")
        return self._follow("POST", target, urlencode(fields).encode())

    def _follow(self, method: str, path: str, body: bytes | None = None) -> Page:
        for _ in range(6):
            page = self._ask(method, path, body)
            if page.status not in {301, 302, 303, 307, 308}:
                self.last = page.url
                return page
            where = urlsplit(urljoin(self.origin + page.url, page.headers["location"]))
            assert f"{where.scheme}://{where.netloc}" == self.origin, page.headers["location"]
            method, path, body = "GET", where.path + (f"?{where.query}" if where.query else ""), None
        raise AssertionError(f"{path} leads in circles")

    def _ask(self, method: str, path: str, body: bytes | None) -> Page:
        path = path.removeprefix(self.origin)
        seen, here = urlsplit(self.origin), urlsplit(self.address)
        headers = {"Host": seen.netloc, "Cookie": self._cookie(), "Referer": self.origin + self.last, "Accept-Language": "en"}
        if seen.scheme == "https":
            headers |= {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.5"}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin}
        connection = HTTPConnection(here.hostname or "", here.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
            return Page(path, answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()})
        finally:
            connection.close()

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value)

    def frames(self, path: str, seconds: float = 90) -> Iterator[dict[str, Any]]:
        """What a socket sends until it closes; then ``farewell`` is the code it closed with."""
        address = self.address.replace("http", "ws", 1) + path
        with connect(address, origin=Origin(self.origin), additional_headers={"Cookie": self._cookie()}, proxy=None) as socket:
            while True:
                try:
                    yield json.loads(socket.recv(timeout=seconds))
                except ConnectionClosed as ended:
                    self.farewell = ended.rcvd.code if ended.rcvd else None
                    return
