"""Callers of the interface, and something of everything to ask for."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from studio.access.scopes import SCOPES
from studio.access.tokens import token_create
from studio.models import Role
from synthesis.models import Run
from tests.studio.api.things import everything, judged_run


class Caller:
    """A program with a token."""

    def __init__(self, user: User, *scopes: str) -> None:
        self.user = user
        _row, secret = token_create(user=user, name="test", scopes=scopes or tuple(SCOPES), days=7, now=timezone.now())
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=self.headers | headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return self.client.post(path, content if body is not None else b"", "application/json", headers=self.headers | headers)


@pytest.fixture
def caller(people: dict[Role, User]) -> Callable[..., Caller]:
    """A program of the member of a role, with all scopes or the named ones."""
    return lambda role, *scopes: Caller(people[role], *scopes)


@pytest.fixture
def owner_calls(caller: Callable[..., Caller]) -> Caller:
    """A program of the owner."""
    return caller(Role.OWNER)


@pytest.fixture
def judged(db: None) -> Run:
    """A finished run of two judged episodes that read the same."""
    return judged_run()


@pytest.fixture
def places(judged: Run, people: dict[Role, User]) -> dict[str, Any]:
    """Something of everything: a value for each part of a URL."""
    return everything(people[Role.OWNER], judged)
