"""Members: inviting, changing roles, removing. Each change is audited in its own transaction."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from studio.access import audit
from studio.access.errors import AccessError
from studio.access.links import link_make
from studio.models import ApiToken, LinkPurpose, Membership, Role, SignInLink


def members(*, after_id: int | None = None, limit: int = 50) -> Sequence[Membership]:
    """Members by the order they came, after ``after_id``."""
    rows = Membership.objects.select_related("user")
    if after_id is not None:
        rows = rows.filter(pk__gt=after_id)
    return list(rows.order_by("pk")[:limit])


def member_get(user_id: int) -> Membership | None:
    """The membership of a person."""
    return Membership.objects.select_related("user").filter(user_id=user_id).first()


def member_named(username: str) -> Membership | None:
    """The membership of the person with this user name."""
    return Membership.objects.select_related("user").filter(user__username=username).first()


def member_invite(*, actor: User | None, username: str, name: str, role: Role, now: datetime) -> tuple[User, str]:
    """Make a member, or take back one who was removed. Returns the person and the token of the one-time link.

    Raises AccessError when the user name is unfit or belongs to a member.
    """
    with transaction.atomic():
        user = User.objects.filter(username__iexact=username).first() or _new_user(username)
        if member_get(user.pk):
            raise AccessError(_("%(name)s is a member already.") % {"name": user.username})
        with audit.change(actor, "members.invite", "member", user.pk, user.username, note=role.value) as told:
            user.first_name = name
            user.is_active = True
            user.set_unusable_password()
            user.save()
            told.object_id = str(user.pk)
            membership = Membership.objects.create(user=user, role=role)
            told.after = _facts(membership)
        purpose = LinkPurpose.INVITATION if actor else LinkPurpose.FIRST_OWNER
        return user, link_make(user=user, purpose=purpose, actor=actor, now=now)


def _new_user(username: str) -> User:
    user = User(username=username)
    user.set_unusable_password()
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise AccessError(" ".join(error.messages)) from error
    user.save()
    return user


def member_set_role(*, actor: User, user_id: int, role: Role) -> Membership:
    """Give a member another role. Raises AccessError for somebody who is none, and for the last owner."""
    with transaction.atomic():
        membership = _locked(user_id)
        if membership.role == Role.OWNER and role != Role.OWNER:
            _keep_an_owner(membership)
        note = f"{membership.role} -> {role}"
        with audit.change(actor, "members.role", "member", user_id, membership.user.username, before=_facts(membership), note=note) as told:
            membership.role = role
            membership.save(update_fields=["role"])
            told.after = _facts(membership)
        return membership


def member_remove(*, actor: User, user_id: int, now: datetime) -> None:
    """End a membership: sessions, tokens and open links end with it; what the person did stays theirs.

    Raises AccessError for somebody who is none, and for the last owner.
    """
    with transaction.atomic():
        membership = _locked(user_id)
        if membership.role == Role.OWNER:
            _keep_an_owner(membership)
        user = membership.user
        with audit.change(actor, "members.remove", "member", user_id, user.username, before=_facts(membership), note=membership.role):
            membership.delete()
            # Django ends the sessions of inactive users at their next request.
            user.is_active = False
            user.save(update_fields=["is_active"])
            ApiToken.objects.filter(user=user, revoked=None).update(revoked=now)
            SignInLink.objects.filter(user=user, used=None).update(used=now)


def member_link(*, actor: User | None, user_id: int, now: datetime) -> tuple[User, str]:
    """A new one-time link for a member who lost the invitation or the password. Raises AccessError for somebody who is none."""
    membership = member_get(user_id)
    if membership is None:
        raise AccessError(_("There is no such member."))
    user = membership.user
    purpose = LinkPurpose.RECOVERY if user.has_usable_password() else LinkPurpose.INVITATION
    return user, link_make(user=user, purpose=purpose, actor=actor, now=now)


def first_owner(*, username: str, now: datetime) -> tuple[User, str] | None:
    """Make the first owner, or a new link while no owner has a password. None when an owner can sign in by themselves."""
    with transaction.atomic():
        rows = Membership.objects.select_related("user").filter(role=Role.OWNER, user__is_active=True).order_by("pk")
        owners = [row.user for row in rows]
        if not owners:
            return member_invite(actor=None, username=username, name="", role=Role.OWNER, now=now)
        if any(owner.has_usable_password() for owner in owners):
            return None
        return owners[0], link_make(user=owners[0], purpose=LinkPurpose.FIRST_OWNER, actor=None, now=now)


def _locked(user_id: int) -> Membership:
    # All owners are locked, in order, so that two of them cannot demote each other at the same moment.
    list(Membership.objects.select_for_update().filter(role=Role.OWNER).order_by("pk"))
    membership = Membership.objects.select_for_update(of=("self",)).select_related("user").filter(user_id=user_id).first()
    if membership is None:
        raise AccessError(_("There is no such member."))
    return membership


def _keep_an_owner(leaving: Membership) -> None:
    if not Membership.objects.filter(role=Role.OWNER, user__is_active=True).exclude(pk=leaving.pk).exists():
        raise AccessError(_("The studio needs an owner: make somebody else one first."))


def _facts(membership: Membership) -> dict[str, object]:
    return audit.row_facts(membership, "user_id", "role")
