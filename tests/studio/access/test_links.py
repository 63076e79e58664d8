"""One-time links: once, for a while, for a member, never stored."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from studio.access.errors import AccessError
from studio.access.links import LIFETIME, link_find, link_make, link_use, needs_password
from studio.models import AuditEntry, LinkPurpose, SignInLink
from tests.people import PASSWORD


def test_a_link_works_once(owner: User) -> None:
    now = timezone.now()
    secret = link_make(user=owner, purpose=LinkPurpose.INVITATION, actor=owner, now=now)
    assert link_use(secret=secret, password=PASSWORD, now=now) == owner
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)
    with pytest.raises(AccessError):
        link_use(secret=secret, password="another long password", now=now)
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


def test_what_is_stored_opens_nothing(owner: User) -> None:
    now = timezone.now()
    secret = link_make(user=owner, purpose=LinkPurpose.INVITATION, actor=None, now=now)
    row = SignInLink.objects.get()
    assert secret not in str(list(SignInLink.objects.values())) + str(list(AuditEntry.objects.values()))
    assert link_find(row.digest, now) is None


@pytest.mark.parametrize("purpose", LinkPurpose)
def test_a_link_expires(owner: User, purpose: LinkPurpose) -> None:
    now = timezone.now()
    secret = link_make(user=owner, purpose=purpose, actor=None, now=now)
    assert link_find(secret, now + LIFETIME[purpose] - timedelta(seconds=1))
    assert link_find(secret, now + LIFETIME[purpose]) is None


def test_only_the_first_owner_may_do_without_a_password(owner: User) -> None:
    now = timezone.now()
    invited = link_make(user=owner, purpose=LinkPurpose.INVITATION, actor=None, now=now)
    with pytest.raises(AccessError, match="password"):
        link_use(secret=invited, password="", now=now)
    assert link_find(invited, now), "a refusal does not use the link up"
    first = link_make(user=owner, purpose=LinkPurpose.FIRST_OWNER, actor=None, now=now)
    link = link_find(first, now)
    assert link
    assert not needs_password(link)
    assert link_use(secret=first, password="", now=now) == owner


def test_no_link_for_strangers(stranger: User) -> None:
    now = timezone.now()
    assert link_find(link_make(user=stranger, purpose=LinkPurpose.RECOVERY, actor=None, now=now), now) is None


def test_a_replaced_secret_key_is_still_accepted(owner: User, settings: Settings) -> None:
    now = timezone.now()
    secret = link_make(user=owner, purpose=LinkPurpose.RECOVERY, actor=None, now=now)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-" + "y" * 50
    assert link_find(secret, now) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert link_find(secret, now)


def test_the_database_refuses_a_link_that_never_lives(owner: User) -> None:
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        SignInLink.objects.create(user=owner, purpose=LinkPurpose.RECOVERY, digest="x", created=now, expires=now)
