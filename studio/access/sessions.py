"""Sessions as sockets see them: whether the person behind one is still signed in."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.http import HttpRequest

from studio.access.permissions import role_of


def session_user(session_key: str | None) -> User | None:
    """The member who is signed in under this session now, read anew; None after sign-out, a password change, removal or expiry.

    For doors that live longer than a request. Blocking: call it through ``database_sync_to_async``.
    """
    if not session_key:
        return None
    store: Any = import_module(settings.SESSION_ENGINE)
    request = HttpRequest()
    request.session = store.SessionStore(session_key)
    user = get_user(request)
    return user if isinstance(user, User) and role_of(user) is not None else None
