"""Coming in and going out: open to everybody."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from studio.access.members import member_invite
from studio.models import Role
from tests.studio.web.access_matrix.entry import EVERYBODY, Entry


def open_link() -> dict[str, Any]:
    """A one-time link of somebody invited."""
    owner = User.objects.get(username="owner")
    return {"token": member_invite(actor=owner, username="invited", name="", role=Role.VIEWER, now=timezone.now())[1]}


ENTRIES = {
    "access:sign_in": Entry(EVERYBODY, anonymous="open"),
    "access:link": Entry(EVERYBODY, anonymous="open", arguments=open_link),
    "access:sign_out": Entry(EVERYBODY, method="post", anonymous="open"),
    "access:appearance": Entry(EVERYBODY, method="post", anonymous="open"),
}
