"""Names of requests, and the log line of each."""

import logging
import re
from collections.abc import Iterator

import pytest
import structlog
from django.contrib.auth.models import User
from django.test import Client

from tests.builders_runs import a_run, install
from tests.people import signed_in


@pytest.fixture(autouse=True)
def talkative(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.INFO, "studio.requests"):
        yield


@pytest.mark.parametrize("given", ["a-b_c.9", "x" * 64])
def test_a_good_name_is_kept(given: str) -> None:
    assert Client().get("/healthz", headers={"x-request-id": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "<script>", 'x"y', "한", "a\x1b[31m"])
def test_any_other_is_replaced(given: str) -> None:
    name = Client().get("/healthz", headers={"x-request-id": given}).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", name)


def noted(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == "studio.requests"]


def facts(record: logging.LogRecord) -> dict[str, object]:
    return {name: getattr(record, name) for name in ("method", "route", "status", "user")}


@pytest.mark.django_db
def test_a_line_says_what_was_asked_by_whom_and_how_it_went(owner: User, caplog: pytest.LogCaptureFixture) -> None:
    install()
    run = a_run(1)
    signed_in(owner).get(f"/runs/{run.pk}/?q=private")
    [line] = noted(caplog)
    assert facts(line) == {"method": "GET", "route": "runs:run", "status": 200, "user": owner.pk}
    assert "private" not in line.getMessage()
    assert "owner" not in line.getMessage()
    assert structlog.contextvars.get_contextvars()["run"] == run.pk


def test_who_is_not_known_is_not_looked_up(caplog: pytest.LogCaptureFixture) -> None:
    """No mark lets this test reach the database."""
    Client().get("/no-such-page.css")
    Client().get("/static/nothing.css")
    Client().generic("BREW", "/healthz")
    assert [facts(line)["user"] for line in noted(caplog)] == [None] * 3
    assert facts(noted(caplog)[-1])["method"] == "other"
    assert facts(noted(caplog)[-1])["route"] == "probe"
