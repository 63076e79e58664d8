"""Everything that goes wrong is told as problem details."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from studio.api import catalogue
from tests.studio.api.conftest import Caller

pytestmark = pytest.mark.django_db

DEEP = b"[" * 100_000 + b"]" * 100_000


def is_problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content[:300]
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status and body["type"] == "about:blank" and body["title"] and body["detail"]
    return body


@pytest.mark.parametrize(
    "path",
    ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v1/runs/0/", "/api/v1/runs/99999999999999999999/", "/api/v1/runs/7", "/api/v1/a%0Ab/"],
)
def test_what_is_not_there(path: str, owner_calls: Caller) -> None:
    is_problem(owner_calls.get(path), 404)
    is_problem(owner_calls.post(path, {}), 404)


def test_methods_and_media_types(owner_calls: Caller) -> None:
    refused = owner_calls.post("/api/v1/domains/", {})
    is_problem(refused, 405)
    assert refused["Allow"] == "GET, HEAD"
    is_problem(owner_calls.client.put("/api/v1/runs/", headers=owner_calls.headers), 405)
    is_problem(owner_calls.client.options("/api/v1/runs/", headers=owner_calls.headers), 405)
    is_problem(owner_calls.client.post("/api/v1/runs/", {"episodes": 1}, headers=owner_calls.headers), 415)
    is_problem(owner_calls.get("/api/v1/runs/", Accept="text/html"), 406)


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"\xff", DEEP, b'{"episodes": NaN}', b'{"episodes": 1, "domains": ["a\\u0000"]}', b'{"episodes": "\\ud800"}',
     b'{"seed": 1e999}',  b'{"episodes": 123456789012345678901234567890}', b"[]", b"null", b'"x"', b"{}", b'{"x":' * 70 + b"1" + b"}" * 70],
    ids=lambda body: body[:20],
)  # fmt: skip
def test_bodies_that_cannot_be_read(body: bytes, owner_calls: Caller) -> None:
    is_problem(owner_calls.post("/api/v1/runs/", body), 400)
    is_problem(owner_calls.post("/api/v1/exports/", body), 400)


def test_a_body_that_is_too_large(owner_calls: Caller) -> None:
    limit = settings.API_BODY_BYTES
    is_problem(owner_calls.post("/api/v1/runs/", b" " * (limit + 1)), 413)
    is_problem(owner_calls.post("/api/v1/runs/", b"{}" + b" " * (limit - 2)), 400)


@pytest.mark.parametrize(
    "query",
    ["cursor=x", "cursor=%00", "cursor=W10", "cursor=InhcdTAwMDAi", "limit=0", "limit=201", "limit=x", "status=nope", "statsu=running",
     "cursor=" + "W" * 500, "cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk", "cursor=dHJ1ZQ"],
)  # fmt: skip
def test_queries_that_cannot_work(query: str, owner_calls: Caller) -> None:
    body = is_problem(owner_calls.get(f"/api/v1/runs/?{query}"), 400)
    assert list(body["errors"]) == [query.split("=", maxsplit=1)[0]]


def test_too_many_parameters(owner_calls: Caller) -> None:
    is_problem(owner_calls.get("/api/v1/runs/?" + "a=1&" * 2000), 400)


def test_errors_name_their_fields(owner_calls: Caller) -> None:
    body = {"episodes": 0, "domains": ["a b"], "variations": ["plain", "odd"], "slip_rate": 2}
    errors = is_problem(owner_calls.post("/api/v1/runs/", body), 400)["errors"]
    assert set(errors) == {"episodes", "domains.0", "variations.1", "slip_rate"}


def test_what_we_did_not_foresee_is_logged_and_told_without_its_cause(
    owner_calls: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_: Any) -> Any:
        raise ValueError("the secret cause")

    monkeypatch.setattr(catalogue.Domains, "rows", broken)
    response = owner_calls.get("/api/v1/domains/")
    is_problem(response, 500)
    assert b"secret cause" not in response.content
    assert "the secret cause" in caplog.text


def test_nobody_learns_what_is_there() -> None:
    assert Client().get("/api/v1/domains/vet_clinic/").json() == Client().get("/api/v1/domains/none/").json()
