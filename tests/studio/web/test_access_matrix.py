"""Every role at every URL, generated from the URL configuration. Entries: access_matrix/."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from studio.access.table import TABLE
from studio.models import Role
from tests.people import signed_in
from tests.studio.web.access_matrix.entry import Entry

HERE = Path(__file__).parent / "access_matrix"
MODULES = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in {"__init__", "entry"})
ENTRIES: dict[str, Entry] = {
    name: entry for module in MODULES for name, entry in import_module(f"tests.studio.web.access_matrix.{module}").ENTRIES.items()
}


def patterns(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    """Every URL pattern with its full name."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, (*namespaces, pattern.namespace) if pattern.namespace else namespaces)
        else:
            yield ":".join((*namespaces, pattern.name or f"({pattern.pattern})")), pattern


URLS = dict(patterns(get_resolver()))


def answer(client: Client, name: str, entry: Entry) -> Any:
    """What the URL answers."""
    url = reverse(name, kwargs=dict(entry.arguments()))
    if entry.query:
        url += "?" + urlencode(entry.query)
    return getattr(client, entry.method)(url, dict(entry.data))


def let_in(status: int, entry: Entry) -> bool:
    """Whether ``status`` says that somebody got in."""
    if entry.method == "get":
        return status in {200, 302}
    return status < 500 and status not in {401, 403, 404, 405}


def test_every_url_has_an_entry_and_every_entry_a_url() -> None:
    assert set(ENTRIES) == set(URLS), "say in tests/studio/web/access_matrix who gets in"


def test_entries_agree_with_the_table_of_actions() -> None:
    wrong = []
    for name, entry in ENTRIES.items():
        view = URLS[name].callback
        action = getattr(view, "action", "unmarked")
        if not hasattr(view, "action") and isinstance(entry.anonymous, int):
            continue  # an interface for programs, which has permissions of its own kind
        if action is None:
            agreed = entry.anonymous == "open"
        else:
            # An object may close what a role opens, never the other way round.
            agreed = action in TABLE and entry.roles <= TABLE[action] and entry.anonymous == "sign-in"
        if not agreed:
            wrong.append((name, action))
    assert wrong == []


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_who_gets_in(name: str, people: dict[Role, User], stranger: User) -> None:
    entry = ENTRIES[name]
    got = {}
    for role, user in people.items():
        status = isolated(signed_in(user), name, entry)
        got[role] = "in" if let_in(status, entry) else status
    assert got == {role: "in" if role in entry.roles else entry.forbidden for role in Role}
    if entry.anonymous == "sign-in":
        assert isolated(signed_in(stranger), name, entry) == 404


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_nobody_signed_in(name: str, people: dict[Role, User]) -> None:
    entry = ENTRIES[name]
    response = answer(Client(), name, entry)
    if entry.anonymous == "sign-in":
        assert response.status_code == 302
        assert response.url.partition("?")[0] == reverse("access:sign_in")
    elif entry.anonymous == "open":
        assert let_in(response.status_code, entry)
    else:
        assert response.status_code == entry.anonymous


def isolated(client: Client, name: str, entry: Entry) -> int:
    """The status, with everything that the request changed undone, so that each role meets the same."""
    with transaction.atomic():
        status: int = answer(client, name, entry).status_code
        transaction.set_rollback(True)
    return status
