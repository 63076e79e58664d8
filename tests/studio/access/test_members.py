"""Members: inviting, roles, removing, the first owner."""

from threading import Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from studio.access.errors import AccessError
from studio.access.links import link_find, link_use
from studio.access.members import first_owner, member_get, member_invite, member_link, member_remove, member_set_role, members
from studio.access.tokens import token_check, token_create
from studio.models import AuditEntry, LinkPurpose, Membership, Role
from tests.people import PASSWORD, make_person


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_an_invitation_makes_a_member_and_a_link(owner: User) -> None:
    now = timezone.now()
    user, secret = member_invite(actor=owner, username="erin", name="Erin", role=Role.AUTHOR, now=now)
    membership = member_get(user.pk)
    assert membership is not None
    assert (membership.role, user.first_name, user.has_usable_password()) == (Role.AUTHOR, "Erin", False)
    link = link_find(secret, now)
    assert link is not None
    assert (link.user, link.purpose, link.created_by) == (user, LinkPurpose.INVITATION, owner)
    assert actions() == ["members.invite", "links.make"]


@pytest.mark.parametrize("name", ["owner", "OWNER", "", "two words", "x" * 151, "line\nbreak"])
def test_unfit_names_are_refused(owner: User, name: str) -> None:
    before = User.objects.count()
    with pytest.raises(AccessError):
        member_invite(actor=owner, username=name, name="", role=Role.VIEWER, now=timezone.now())
    assert User.objects.count() == before
    assert actions() == []


def test_a_role_is_changed_and_told(people: dict[Role, User]) -> None:
    owner, viewer = people[Role.OWNER], people[Role.VIEWER]
    assert member_set_role(actor=owner, user_id=viewer.pk, role=Role.OPERATOR).role == Role.OPERATOR
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.label, entry.note) == ("members.role", owner, "viewer", "viewer -> operator")
    assert entry.before
    assert entry.after
    assert entry.before != entry.after


def test_the_last_owner_stays(owner: User) -> None:
    for change in (
        lambda: member_set_role(actor=owner, user_id=owner.pk, role=Role.VIEWER),
        lambda: member_remove(actor=owner, user_id=owner.pk, now=timezone.now()),
    ):
        with pytest.raises(AccessError, match="needs an owner"):
            change()
    assert Membership.objects.get(user=owner).role == Role.OWNER
    assert actions() == []


def test_one_of_two_owners_may_go(owner: User) -> None:
    other = make_person("other", Role.OWNER)
    member_set_role(actor=other, user_id=owner.pk, role=Role.VIEWER)
    assert Membership.objects.get(user=owner).role == Role.VIEWER


@pytest.mark.django_db(transaction=True)
def test_two_owners_cannot_demote_each_other() -> None:
    owners = [make_person("one", Role.OWNER), make_person("two", Role.OWNER)]
    refused = []

    def demote(actor: User, other: User) -> None:
        try:
            member_set_role(actor=actor, user_id=other.pk, role=Role.VIEWER)
        except AccessError:
            refused.append(actor)
        finally:
            connection.close()

    threads = [Thread(target=demote, args=pair) for pair in (owners, owners[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Membership.objects.filter(role=Role.OWNER).count() == 1


def test_removal_ends_everything_but_what_was_done(people: dict[Role, User]) -> None:
    owner, author, now = people[Role.OWNER], people[Role.AUTHOR], timezone.now()
    _row, token = token_create(user=author, name="ci", scopes=["read"], days=7, now=now)
    _user, secret = member_link(actor=owner, user_id=author.pk, now=now)
    member_remove(actor=owner, user_id=author.pk, now=now)
    author.refresh_from_db()
    assert member_get(author.pk) is None
    assert not author.is_active
    assert token_check(token, now) is None
    assert link_find(secret, now) is None
    assert AuditEntry.objects.filter(actor=author, action="tokens.create").exists()


def test_a_removed_member_can_come_back_without_the_old_password(owner: User) -> None:
    erin = make_person("erin", Role.AUTHOR, PASSWORD)
    member_remove(actor=owner, user_id=erin.pk, now=timezone.now())
    user, _secret = member_invite(actor=owner, username="erin", name="", role=Role.VIEWER, now=timezone.now())
    assert user.pk == erin.pk
    assert user.is_active
    assert not user.has_usable_password()


@pytest.mark.django_db
def test_there_is_no_link_for_nobody() -> None:
    with pytest.raises(AccessError):
        member_link(actor=None, user_id=1, now=timezone.now())


@pytest.mark.django_db
def test_the_first_owner_gets_links_until_they_have_a_password() -> None:
    now = timezone.now()
    first = first_owner(username="owner", now=now)
    second = first_owner(username="owner", now=now)
    assert first
    assert second
    assert first[0] == second[0]
    assert link_find(first[1], now) is None, "a newer link replaces the older one"
    user = link_use(secret=second[1], password="", now=now)
    third = first_owner(username="owner", now=now)
    assert third
    assert link_use(secret=third[1], password=PASSWORD, now=now) == user
    assert first_owner(username="owner", now=now) is None
    assert Membership.objects.get(user=user).role == Role.OWNER


def test_members_come_in_pages(people: dict[Role, User]) -> None:
    first = members(limit=3)
    rest = members(after_id=first[-1].pk, limit=3)
    assert [row.user.username for row in [*first, *rest]] == [role.value for role in Role]
