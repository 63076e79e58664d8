"""API tokens: shown once, kept as HMAC, limited by scope, time and person."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from studio.access import tokens as access
from studio.access.errors import AccessError
from studio.access.tokens import token_check, token_create, token_revoke, tokens
from studio.models import ApiToken, AuditEntry, Role


def test_a_token_names_its_person_and_scopes(owner: User) -> None:
    now = timezone.now()
    row, token = token_create(user=owner, name=" nightly ", scopes=["read", "exports", "read"], days=30, now=now)
    user, scopes = token_check(token, now) or (None, None)
    assert (user, scopes) == (owner, frozenset({"read", "exports"}))
    assert (row.name, row.scopes, row.expires) == ("nightly", ["exports", "read"], now + timedelta(days=30))
    assert token.startswith(f"ads_{row.prefix}_")


def test_what_is_stored_opens_nothing(owner: User) -> None:
    _row, token = token_create(user=owner, name="x", scopes=["read"], days=7, now=timezone.now())
    stored = str(list(ApiToken.objects.values())) + str(list(AuditEntry.objects.values()))
    assert token not in stored
    assert token.split("_", 2)[2] not in stored


def test_made_up_tokens_open_nothing(owner: User) -> None:
    row, token = token_create(user=owner, name="x", scopes=["read"], days=7, now=timezone.now())
    for wrong in (
        "",
        "ads",
        "ads_",
        f"ads_{row.prefix}_",
        token[:-1],
        token + "x",
        token.replace("ads", "abc"),
        row.digest,
        "ads_" + "x" * 5000,
    ):
        assert token_check(wrong) is None, wrong


def test_a_token_ends(owner: User) -> None:
    now = timezone.now()
    row, token = token_create(user=owner, name="x", scopes=["read"], days=7, now=now)
    assert token_check(token, now + timedelta(days=7)) is None
    token_revoke(actor=owner, token=row, now=now)
    assert token_check(token, now) is None
    revoked = ApiToken.objects.get().revoked
    token_revoke(actor=owner, token=row, now=now + timedelta(hours=1))
    assert ApiToken.objects.get().revoked == revoked


@pytest.mark.parametrize(
    ("name", "scopes", "days"), [(" ", ["read"], 7), ("x", [], 7), ("x", ["everything"], 7), ("x", ["read"], 10_000), ("x", ["read"], 0)]
)
def test_unfit_tokens_are_not_made(owner: User, name: str, scopes: list[str], days: int) -> None:
    with pytest.raises(AccessError):
        token_create(user=owner, name=name, scopes=scopes, days=days, now=timezone.now())
    assert not ApiToken.objects.exists()


def test_there_is_an_end_to_tokens(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "MOST", 2)
    now = timezone.now()
    first, _token = token_create(user=owner, name="x", scopes=["read"], days=7, now=now)
    token_create(user=owner, name="x", scopes=["read"], days=7, now=now)
    with pytest.raises(AccessError):
        token_create(user=owner, name="x", scopes=["read"], days=7, now=now)
    token_revoke(actor=owner, token=first, now=now)
    token_create(user=owner, name="x", scopes=["read"], days=7, now=now)


def test_use_is_noted_to_the_minute(owner: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    now = timezone.now()
    _row, token = token_create(user=owner, name="x", scopes=["read"], days=7, now=now)
    with django_assert_num_queries(2):
        token_check(token, now)
    token_check(token, now + timedelta(seconds=30))
    assert ApiToken.objects.get().last_used == now
    token_check(token, now + timedelta(seconds=90))
    assert ApiToken.objects.get().last_used == now + timedelta(seconds=90)


def test_lists_are_of_one_person_or_of_all(people: dict[Role, User]) -> None:
    now = timezone.now()
    for user in people.values():
        token_create(user=user, name=user.username, scopes=["read"], days=7, now=now)
    assert [row.name for row in tokens(user=people[Role.VIEWER])] == ["viewer"]
    newest = tokens(user=None, limit=2)
    assert [row.name for row in newest] == ["viewer", "reviewer"]
    assert [row.name for row in tokens(user=None, before_id=newest[-1].pk)] == ["operator", "author", "owner"]
