"""Who is at a socket, and how many each person has open in this process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import translation

from studio.access.permissions import can
from studio.access.sessions import session_user
from studio.access.table import Action

MOST_SOCKETS = 20
"""Sockets a person may have open in one process."""

OPEN: Counter[int] = Counter()


def visitor(scope: Any, action: Action) -> User | None:
    """The person behind the socket's session if they may do ``action`` now, read anew. Blocking."""
    session = scope.get("session")
    user = session_user(session.session_key if session is not None else None)
    return user if user is not None and can(user, action) else None


def enter(user_id: int) -> bool:
    """Count a socket in; False when the person has too many."""
    if OPEN[user_id] >= MOST_SOCKETS:
        return False
    OPEN[user_id] += 1
    return True


def leave(user_id: int) -> None:
    """Count a socket out."""
    OPEN[user_id] -= 1
    if OPEN[user_id] <= 0:
        del OPEN[user_id]


@contextmanager
def language_of(scope: Any) -> Iterator[None]:
    """In the language that the person's pages are in: the cookie's, else the browser's first that we know."""
    cookie = scope.get("cookies", {}).get(settings.LANGUAGE_COOKIE_NAME, "")
    known = dict(settings.LANGUAGES)
    accepted = next((value.decode("latin-1") for name, value in scope.get("headers", []) if name == b"accept-language"), "")
    wanted = [cookie, *(part.split(";")[0].strip()[:2] for part in accepted.split(","))]
    with translation.override(next((code for code in wanted if code in known), settings.LANGUAGE_CODE)):
        yield
