"""Sessions as sockets see them."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from studio.access.members import member_remove
from studio.access.profile import password_set
from studio.access.sessions import session_user
from studio.models import Role
from tests.people import make_person, signed_in


def key_of(user: User) -> str:
    key = signed_in(user).session.session_key
    assert key
    return key


def test_the_person_behind_a_session(owner: User) -> None:
    assert session_user(key_of(owner)) == owner


@pytest.mark.django_db
@pytest.mark.parametrize("key", [None, "", "made-up"])
def test_nobody_is_behind_no_session(key: str | None) -> None:
    assert session_user(key) is None


def test_a_session_ends_with_sign_out(owner: User) -> None:
    client = signed_in(owner)
    key = client.session.session_key
    client.logout()
    assert session_user(key) is None


def test_a_session_ends_with_the_password(owner: User) -> None:
    key = key_of(owner)
    password_set(user=owner, password="another long password")
    assert session_user(key) is None


def test_a_session_ends_with_the_membership(owner: User) -> None:
    erin = make_person("erin", Role.VIEWER)
    key = key_of(erin)
    member_remove(actor=owner, user_id=erin.pk, now=timezone.now())
    assert session_user(key) is None


def test_strangers_are_nobody(stranger: User) -> None:
    assert session_user(key_of(stranger)) is None
