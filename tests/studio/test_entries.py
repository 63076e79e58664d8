"""The entries of web process and commands."""

import pytest
from django.test import Client

from studio.asgi import application


def test_asgi_serves_pages_and_sockets() -> None:
    kinds = application.application_mapping
    assert type(kinds["http"]).__name__ == "ASGIHandler"
    assert set(kinds) == {"http", "websocket"}


@pytest.mark.django_db
def test_there_is_nothing_where_there_is_no_page() -> None:
    assert Client().get("/no-such-page").status_code == 404
