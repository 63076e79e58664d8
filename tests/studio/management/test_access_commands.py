"""``first_owner`` and ``sign_in_link``: ways in from the command line."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from studio.models import Membership, Role
from tests.people import PASSWORD, make_person

pytestmark = pytest.mark.django_db


def said(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def test_the_first_owner_comes_in_by_the_printed_link() -> None:
    link = said("first_owner", "--url", "http://testserver/")
    assert link.startswith("http://testserver/sign-in/")
    client = Client()
    assert client.post(link.removeprefix("http://testserver")).status_code == 302
    assert client.get("/settings/members/").status_code == 200
    assert Membership.objects.get().role == Role.OWNER


def test_an_owner_who_can_sign_in_needs_no_link() -> None:
    make_person("somebody", Role.OWNER, PASSWORD)
    assert said("first_owner") == ""
    assert User.objects.count() == 1


def test_an_owner_who_came_without_a_password_gets_a_link_from_the_command() -> None:
    client = Client()
    client.post(said("first_owner", "--url", "").strip())
    link = said("sign_in_link", "owner", "--url", "http://testserver")
    other = Client()
    path = link.removeprefix("http://testserver")
    assert other.post(path, {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert other.get("/settings/members/").status_code == 200


def test_nobody_gets_no_link() -> None:
    with pytest.raises(CommandError, match="no member 'nobody'"):
        said("sign_in_link", "nobody")
