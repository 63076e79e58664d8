"""``can``: the one question that every door asks before it does anything."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

from judging.selectors.reviews import is_blind
from studio.access.table import TABLE, Action
from studio.models import ApiToken, Membership, Role

Person = AbstractBaseUser | AnonymousUser

CACHED = "_studio_role"


def role_of(user: Person) -> Role | None:
    """The person's role; None for nobody, for inactive users and for those who are no members.

    Remembered on the user object, which lives as long as a request. Who holds a user longer (a socket) fetches it anew before asking again:
    ``studio.access.sessions.session_user``.
    """
    if not user.is_authenticated or not user.is_active:
        return None
    if not hasattr(user, CACHED):
        found = Membership.objects.filter(user_id=user.pk).values_list("role", flat=True).first()
        setattr(user, CACHED, Role(found) if found else None)
    return cast("Role | None", getattr(user, CACHED))


def can(user: Person, action: Action, obj: Any = None) -> bool:
    """Whether ``user`` may do ``action``, and if ``obj`` is given, to that object."""
    role = role_of(user)
    if role is None or role not in TABLE[action]:
        return False
    rule = RULES.get(action)
    return obj is None or rule is None or rule(cast("User", user), obj)


def _own_token(user: User, token: ApiToken) -> bool:
    return token.user_id == user.pk


def _not_blind(user: User, episode_id: int) -> bool:
    """Whoever reviews an episode blind sees nothing of what others think of it until their own review is sealed, whatever their role."""
    return not is_blind(reviewer_id=user.pk, episode_id=episode_id)


RULES: dict[Action, Callable[[User, Any], bool]] = {
    "tokens.own": _own_token,
    # The object is an episode's id.
    "judgements.view": _not_blind,
}
"""What depends on the object and not on the role alone."""
