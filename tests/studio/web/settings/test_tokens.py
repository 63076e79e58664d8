"""API tokens."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from studio.access.tokens import token_check, token_create
from studio.models import ApiToken, Role
from tests.people import signed_in

TOKENS = "/settings/tokens/"


def test_a_token_is_shown_once_and_works(people: dict[Role, User]) -> None:
    client = signed_in(people[Role.VIEWER])
    response = client.post(TOKENS, {"name": "nightly", "scopes": ["read"], "days": "7"})
    assert "no-store" in response.headers["Cache-Control"]
    token = re.search(r'value="(ads_[^"]+)"', response.content.decode())
    assert token
    caller = token_check(token[1])
    assert caller == (people[Role.VIEWER], frozenset({"read"}))
    assert token[1] not in client.get(TOKENS).content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {"name": "", "scopes": ["read"], "days": "7"},
        {"name": "x", "scopes": [], "days": "7"},
        {"name": "x", "scopes": ["everything"], "days": "7"},
        {"name": "x", "scopes": ["read"], "days": "9999"},
        {"name": "x" * 81, "scopes": ["read"], "days": "7"},
    ],
)
def test_an_unfit_token_is_not_made(owner: User, data: dict[str, object]) -> None:
    assert signed_in(owner).post(TOKENS, data).status_code == 422
    assert not ApiToken.objects.exists()


def test_own_tokens_are_revoked_others_are_not_there(people: dict[Role, User]) -> None:
    row, token = token_create(user=people[Role.VIEWER], name="x", scopes=["read"], days=7, now=timezone.now())
    url = reverse("settings:token_revoke", args=[row.pk])
    assert signed_in(people[Role.AUTHOR]).post(url).status_code == 404
    assert token_check(token)
    assert signed_in(people[Role.VIEWER]).post(url).status_code == 302
    assert token_check(token) is None
    assert signed_in(people[Role.VIEWER]).post(reverse("settings:token_revoke", args=[987654])).status_code == 404


def test_owners_see_and_revoke_all(people: dict[Role, User]) -> None:
    row, token = token_create(user=people[Role.VIEWER], name="of the viewer", scopes=["read"], days=7, now=timezone.now())
    assert b"of the viewer" in signed_in(people[Role.OWNER]).get(TOKENS).content
    assert b"of the viewer" not in signed_in(people[Role.AUTHOR]).get(TOKENS).content
    signed_in(people[Role.OWNER]).post(reverse("settings:token_revoke", args=[row.pk]))
    assert token_check(token) is None


def test_states_are_told_in_words(owner: User) -> None:
    now = timezone.now()
    token_create(user=owner, name="old", scopes=["read"], days=7, now=now - timedelta(days=8))
    page = signed_in(owner).get(TOKENS).content.decode()
    assert "expired" in page
    assert "Revoke" not in page


def test_names_are_escaped(owner: User) -> None:
    token_create(user=owner, name="<script>\u202e", scopes=["read"], days=7, now=timezone.now())
    page = signed_in(owner).get(TOKENS).content.decode()
    assert "&lt;script&gt;" in page
    assert "U+202E" in page


def test_many_tokens_come_in_pages_and_cost_the_same(owner: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    now = timezone.now()
    ApiToken.objects.bulk_create(
        ApiToken(
            user=owner, name=f"token{number:03}", prefix=f"{number:08}", digest="x", scopes=[], created=now, expires=now + timedelta(1)
        )
        for number in range(120)
    )
    client, names = signed_in(owner), []
    url: str | None = TOKENS
    while url:
        with django_assert_num_queries(4):
            page = client.get(url).content.decode()
        names += re.findall(r'<th scope="row">(\w+)', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        url = TOKENS + following[1] if following else None
    assert names == [f"token{number:03}" for number in reversed(range(120))]


def test_strangers_and_nobody(stranger: User) -> None:
    assert signed_in(stranger).get(TOKENS).status_code == 404
    assert Client().get(TOKENS).status_code == 302
