"""The page about the interface tells all of it."""

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from studio.api.docs import groups, openapi
from studio.models import Role

pytestmark = pytest.mark.django_db


def test_the_page_tells_every_operation(browser_of: Callable[[Role], Client]) -> None:
    page = unescape(browser_of(Role.VIEWER).get("/api/docs/").content.decode())
    for path, methods in openapi()["paths"].items():
        assert path in page
        for told in methods.values():
            assert f'id="{told["operationId"]}"' in page and told["summary"] in page


def test_the_document_is_what_the_page_was_made_from(browser_of: Callable[[Role], Client]) -> None:
    assert browser_of(Role.VIEWER).get("/api/schema/").json() == openapi()


def test_takes_and_gives_are_read_off_the_description() -> None:
    start = next(operation for operation in groups(openapi())["runs"] if operation.method == "POST")
    takes = {field.name: (field.where, field.kind, field.required) for field in start.takes}
    assert takes["episodes"] == ("body", "integer 1 to 10,000", True)
    assert takes["Idempotency-Key"] == ("header", "string", False)
    assert "plain" in takes["variations"][1]
    assert start.status == "201" and "counts" in {field.name for field in start.gives}
    assert {"401", "404", "422", "507"} <= {code for code, _ in start.problems}
