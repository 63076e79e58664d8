"""Fixtures of the studio's tests: people and their browsers."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from studio.models import Role
from tests.people import make_person, signed_in


@pytest.fixture
def people(db: None) -> dict[Role, User]:
    """One member of each role, called as it."""
    return {role: make_person(role.value, role) for role in Role}


@pytest.fixture
def owner(people: dict[Role, User]) -> User:
    """The studio's owner."""
    return people[Role.OWNER]


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody who can sign in and belongs to nothing."""
    return make_person("stranger", None)


@pytest.fixture
def browser_of(people: dict[Role, User]) -> Callable[[Role], Client]:
    """The browser of the member of a role."""
    return lambda role: signed_in(people[role])
