"""A planted key is used in real calls that go wrong in every way, and is found nowhere afterwards: not in the database, logs, pages, the
REST interface, error reports, the audit trail, nor in what objects say of themselves.
"""

import asyncio
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.views.debug import ExceptionReporter
from pytest_django import Settings

from studio.models import Role
from studio.pipelines.endpoints import check_ask, check_run
from studio.pipelines.keys import vault
from studio.pipelines.model_room import ModelRoom, endpoint_of
from synthesis.adapters.model_client import ModelClient
from synthesis.adapters.model_client.wire import Wire
from synthesis.engine.chat.errors import ChatError
from synthesis.engine.chat.model import ChatRequest
from synthesis.engine.chat.probes import TOOL
from synthesis.engine.chat.waiting import Patience
from synthesis.models import EndpointCheck, ModelEndpoint, ModelUsage
from synthesis.services import endpoints as services
from synthesis.services.database import DatabaseThread
from tests.builders_endpoints import KEY, an_endpoint
from tests.fakes.echo_server import WAYS, EchoServer, echo_server
from tests.people import make_person, signed_in
from tests.studio.api.conftest import Caller

pytestmark = pytest.mark.django_db(transaction=True)
ONCE = Patience(tries=1)
REQUEST = ChatRequest("agent", [{"role": "user", "content": "Hello"}], [TOOL])
CLOSED = "http://127.0.0.1:9/v1"
"""Nobody listens there."""


@pytest.fixture
def echo() -> Iterator[EchoServer]:
    """A hostile endpoint in a thread of its own, so that checks may have their own event loops."""
    ready, over = threading.Event(), asyncio.Event()
    found: list[Any] = []

    async def serve() -> None:
        async with echo_server() as server:
            found.extend([server, asyncio.get_running_loop()])
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield found[0]
    found[1].call_soon_threadsafe(over.set)
    thread.join(10)


@pytest.fixture
def owner(db: None) -> User:
    """Who keeps endpoints."""
    return make_person("owner", Role.OWNER)


def dumped() -> str:
    """Every row of every table as text."""
    lines = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            lines += [f"{table} {row}" for row in cursor.fetchall()]
    return "\n".join(lines)


async def asked(client: ModelClient, stream: bool) -> Any:
    """What a call brings, or the error it ends in."""

    async def on_delta(text: str) -> None:
        assert KEY not in text

    try:
        return await client.reply(REQUEST, on_delta if stream else None)
    except ChatError as error:
        return error


def reported(error: BaseException) -> str:
    """An error as Django's own pages and mails tell it."""
    reporter = ExceptionReporter(None, type(error), error, error.__traceback__)
    return reporter.get_traceback_html() + reporter.get_traceback_text()


def test_a_call_that_goes_wrong_never_says_the_key(echo: EchoServer, caplog: pytest.LogCaptureFixture, settings: Settings) -> None:
    settings.DEBUG = True
    caplog.set_level(logging.DEBUG)

    async def all_of_them() -> list[Any]:
        results = []
        for url in (echo.url, CLOSED, f"{echo.url}/nowhere"):
            for way in WAYS:
                row = an_endpoint_row(url, way)
                client = ModelClient(endpoint_of(row, KEY), patience=ONCE)
                results += [await asked(client, stream) for stream in (False, True)]
                results.append(repr(client.endpoint))
                await client.close()
        return results

    for result in asyncio.run(all_of_them()):
        assert KEY not in f"{result} {result!r}"
        if isinstance(result, BaseException):
            assert KEY not in reported(result)
    assert echo.keys == {KEY}
    assert KEY not in caplog.text


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("way", ["refused", "broken", "said"])
def test_a_crash_inside_a_call_reports_no_key(
    echo: EchoServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, way: str, stream: bool
) -> None:
    """Whatever stands in the frames, and whatever error went before: the package's own repeats what the endpoint said."""

    def crash(*_: Any) -> None:
        raise RuntimeError("lost")

    async def call() -> Any:
        client = ModelClient(endpoint_of(an_endpoint_row(echo.url, way), KEY), patience=ONCE)
        try:
            return await asked(client, stream)
        finally:
            await client.close()

    monkeypatch.setattr(Wire, "_answer", crash)
    with pytest.raises(RuntimeError, match="lost") as caught:
        asyncio.run(call())
    logging.getLogger("test").error("a call crashed", exc_info=caught.value)
    assert "RuntimeError: lost" in caplog.text
    assert KEY not in caplog.text
    assert KEY not in reported(caught.value)


def an_endpoint_row(url: str, model: str) -> ModelEndpoint:
    """A row that is not stored."""
    return ModelEndpoint(slug=model, base_url=url, model=model, provider="other", parameters={}, try_seconds=5.0)


def test_checks_and_rooms_leave_it_nowhere(echo: EchoServer, owner: User, caplog: pytest.LogCaptureFixture, settings: Settings) -> None:
    caplog.set_level(logging.DEBUG)
    for way in WAYS:
        row = an_endpoint(way.replace("_", "-"), base_url=echo.url, model=way, try_seconds=5.0)
        assert check_run(check_id=check_ask(actor=owner, endpoint=row).pk) == "done"
    asyncio.run(used_in_a_room())
    assert echo.keys == {KEY}
    assert EndpointCheck.objects.count() == len(WAYS)
    assert ModelUsage.objects.filter(role="agent").exists()
    assert ModelEndpoint.objects.exclude(key="").count() == len(WAYS)
    assert KEY not in dumped()
    assert KEY not in caplog.text
    assert vault().unlock(ModelEndpoint.objects.get(slug="said").key) == KEY
    assert all(KEY not in body for body in pages(owner))


async def used_in_a_room() -> None:
    """Calls as runs make them."""
    async with DatabaseThread("test") as database, ModelRoom(database, run_id=None, patience=ONCE) as room:
        for way in WAYS:
            try:
                await room.model(way.replace("_", "-"), "agent").reply(REQUEST)
            except ChatError as error:
                logging.getLogger("test").exception("a call went wrong: %s", error)


def pages(owner: User) -> Iterator[str]:
    """Every page and answer that tells of endpoints."""
    browser, caller = signed_in(owner), Caller(owner)
    names = ["models:index", "models:cast", "models:usage", "settings:audit"]
    addresses = [reverse(name) for name in names]
    for slug in ModelEndpoint.objects.values_list("slug", flat=True):
        addresses += [reverse(f"models:{page}", args=[slug]) for page in ("endpoint", "edit", "check_panel")]
        yield caller.get(f"/api/v1/endpoints/{slug}/").content.decode()
        yield caller.get(f"/api/v1/endpoints/{slug}/check/").content.decode()
    yield caller.get("/api/v1/endpoints/").content.decode()
    for address in addresses:
        response = browser.get(address)
        assert response.status_code == 200, address
        yield response.content.decode()


FORM = {
    "slug": "one",
    "provider": "other",
    "base_url": "https://models.example/v1",
    "model": "m",
    "key": KEY,
    "purposes": ["agent"],
    "price_prompt": "1",
    "price_completion": "2",
    "currency": "USD",
    "concurrency": "4",
    "try_seconds": "10",
}


def test_forms_and_the_trail_never_give_it_back(owner: User) -> None:
    browser = signed_in(owner)
    refused = browser.post(reverse("models:new"), FORM | {"base_url": "http://models.example/v1"})
    assert refused.status_code == 422
    assert KEY not in refused.content.decode()
    assert browser.post(reverse("models:new"), FORM).status_code == 302
    again = browser.post(reverse("models:edit", args=["one"]), FORM | {"currency": "x"})
    assert again.status_code == 422
    assert KEY not in again.content.decode()
    assert browser.post(reverse("models:edit", args=["one"]), FORM | {"model": "m-2"}).status_code == 302
    assert KEY not in dumped()
    assert all(KEY not in body for body in pages(owner))


@pytest.mark.parametrize("debug", [True, False])
def test_a_crash_while_saving_reports_no_values(
    owner: User, debug: bool, monkeypatch: pytest.MonkeyPatch, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Django's own page of errors, which DEBUG shows, has names of variables and no values."""
    caplog.set_level(logging.DEBUG)

    def crash(**given: Any) -> None:
        key, copy = given["key"], dict(given)
        raise RuntimeError(f"lost {len(key)} characters of {len(copy)} facts")

    monkeypatch.setattr(services, "endpoint_create", crash)
    settings.DEBUG = debug
    browser = Client(raise_request_exception=False)
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    broken = browser.post(reverse("models:new"), FORM)
    assert broken.status_code == 500
    assert ("RuntimeError" in broken.content.decode()) is debug
    assert KEY not in broken.content.decode()
    told = Caller(owner).post("/api/v1/endpoints/", {"slug": "one", "base_url": "https://models.example/v1", "model": "m", "key": KEY})
    assert told.status_code == 500
    assert KEY not in told.content.decode()
    assert KEY not in caplog.text
