"""Settings."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from studio.access.tokens import token_create
from studio.models import Role
from tests.people import make_person
from tests.studio.web.access_matrix.entry import EVERYBODY, OWNERS, Entry


def member() -> dict[str, Any]:
    """A member of whom nobody else knows."""
    return {"user_id": make_person("somebody", Role.VIEWER).pk}


def token_of_a_member() -> dict[str, Any]:
    """A token of somebody who is nobody's colleague in this matrix."""
    user = make_person("somebody", Role.VIEWER)
    row, _token = token_create(user=user, name="x", scopes=["read"], days=7, now=timezone.now())
    assert User.objects.filter(username="owner").exists()
    return {"token_id": row.pk}


ENTRIES = {
    "settings:index": Entry(EVERYBODY),
    "settings:profile": Entry(EVERYBODY),
    "settings:rename": Entry(EVERYBODY, method="post", data={"name": "New Name"}),
    "settings:password": Entry(EVERYBODY, method="post"),
    "settings:tokens": Entry(EVERYBODY),
    # Everybody may revoke tokens of their own; this one is somebody else's.
    "settings:token_revoke": Entry(OWNERS, method="post", arguments=token_of_a_member),
    "settings:members": Entry(OWNERS),
    "settings:member_role": Entry(OWNERS, method="post", arguments=member, data={"role": "author"}),
    "settings:member_remove": Entry(OWNERS, method="post", arguments=member),
    "settings:member_link": Entry(OWNERS, method="post", arguments=member),
    "settings:audit": Entry(OWNERS),
}
