"""``can``: roles, the table, what depends on the object."""

import re
from typing import get_args

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from studio.access.permissions import RULES, can, role_of
from studio.access.scopes import SCOPE_LABELS, SCOPES, allowed
from studio.access.table import ROLE_MEANINGS, TABLE, Action
from studio.access.tokens import token_create
from studio.models import Role
from tests.architecture.tree import ROOT


def test_every_action_is_in_the_table() -> None:
    assert set(TABLE) == set(get_args(Action))
    assert all(Role.OWNER in roles for roles in TABLE.values())
    assert set(ROLE_MEANINGS) == set(Role)


def test_reviewers_see_nothing_that_shows_scores() -> None:
    for action in ("judgements.view", "datasets.view", "monitor.view"):
        assert Role.REVIEWER not in TABLE[action]


def test_viewers_only_read() -> None:
    may = {action for action, roles in TABLE.items() if Role.VIEWER in roles}
    assert {action for action in may if not action.endswith(".view")} == {"profile.edit", "tokens.own"}


def test_the_table_is_told_to_people_as_it_is() -> None:
    page = (ROOT / "docs/access.md").read_text(encoding="utf-8")
    told = {
        action: frozenset(role for role, mark in zip(Role, marks.split("|"), strict=True) if mark.strip())
        for action, marks in re.findall(r"^\| `([a-z.]+)` \| [^|]+ \|((?:[^|]*\|){4}[^|]*)\|$", page, re.MULTILINE)
    }
    assert told == TABLE


@pytest.mark.django_db
def test_nobody_and_strangers_may_nothing(stranger: User) -> None:
    for user in (AnonymousUser(), stranger):
        assert role_of(user) is None
        assert not any(can(user, action) for action in TABLE)


def test_members_may_what_the_table_says(people: dict[Role, User]) -> None:
    for role, user in people.items():
        assert {action for action in TABLE if can(user, action)} == {action for action, roles in TABLE.items() if role in roles}


def test_an_inactive_member_may_nothing(owner: User) -> None:
    owner.is_active = False
    assert not can(owner, "home.view")


def test_a_role_is_read_once_a_request(owner: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert can(owner, "home.view")
        assert can(owner, "audit.view")


def test_own_tokens_only(people: dict[Role, User]) -> None:
    viewer, author = people[Role.VIEWER], people[Role.AUTHOR]
    token, _secret = token_create(user=viewer, name="mine", scopes=["read"], days=7, now=timezone.now())
    assert can(viewer, "tokens.own", token)
    assert not can(author, "tokens.own", token)
    assert set(RULES) <= set(TABLE)


def test_a_token_never_does_more_than_its_person(people: dict[Role, User]) -> None:
    assert set(SCOPES) == set(SCOPE_LABELS)
    assert allowed(people[Role.OPERATOR], {"runs"}, "runs.start")
    assert not allowed(people[Role.VIEWER], {"runs"}, "runs.start")
    assert not allowed(people[Role.OPERATOR], {"read"}, "runs.start")
    assert not allowed(people[Role.OPERATOR], {"made up"}, "runs.view")


def test_no_scope_reaches_members_tokens_keys_or_the_trail() -> None:
    reached = frozenset[Action]().union(*SCOPES.values())
    assert reached.isdisjoint({"members.manage", "tokens.own", "tokens.manage", "audit.view", "profile.edit"})
