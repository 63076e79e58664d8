"""One's own profile."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studio.models import AuditEntry, Role
from tests.people import PASSWORD, make_person, signed_in

NEW = "an even longer password"


@pytest.fixture
def erin(db: None) -> User:
    """A member with a password."""
    return make_person("erin", Role.VIEWER, PASSWORD)


def test_the_area_begins_with_the_profile(erin: User) -> None:
    assert signed_in(erin).get(reverse("settings:index")).headers["Location"] == reverse("settings:profile")


def test_a_name_is_saved_and_escaped(erin: User) -> None:
    client = signed_in(erin)
    response = client.post(reverse("settings:rename"), {"name": "<b>Erin</b>"}, follow=True)
    assert b"&lt;b&gt;Erin&lt;/b&gt;" in response.content
    assert b"<b>Erin" not in response.content
    assert client.post(reverse("settings:rename"), {"name": "x" * 151}).status_code == 422


def test_a_new_password_ends_other_sessions(erin: User) -> None:
    here, elsewhere = signed_in(erin), signed_in(erin)
    response = here.post(reverse("settings:password"), {"old": PASSWORD, "password": NEW, "again": NEW})
    assert response.status_code == 302
    assert here.get(reverse("settings:profile")).status_code == 200
    assert elsewhere.get(reverse("settings:profile")).status_code == 302
    erin.refresh_from_db()
    assert erin.check_password(NEW)
    assert AuditEntry.objects.get().action == "profile.password"


@pytest.mark.parametrize(
    ("old", "password", "again"),
    [("wrong", NEW, NEW), ("", NEW, NEW), (PASSWORD, NEW, "other"), (PASSWORD, "short", "short"), (PASSWORD, "qwertyuiop", "qwertyuiop")],
)
def test_unfit_passwords_change_nothing(erin: User, old: str, password: str, again: str) -> None:
    assert signed_in(erin).post(reverse("settings:password"), {"old": old, "password": password, "again": again}).status_code == 422
    erin.refresh_from_db()
    assert erin.check_password(PASSWORD)


def test_whoever_has_no_password_is_not_asked_for_it(owner: User) -> None:
    client = signed_in(owner)
    assert b'name="old"' not in client.get(reverse("settings:profile")).content
    assert client.post(reverse("settings:password"), {"password": NEW, "again": NEW}).status_code == 302


def test_strangers_and_nobody(stranger: User) -> None:
    assert signed_in(stranger).get(reverse("settings:profile")).status_code == 404
    assert Client().get(reverse("settings:profile")).status_code == 302
