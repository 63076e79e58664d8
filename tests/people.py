"""Members of the studio for tests, as living permissions: one of each role, and somebody who belongs to nothing."""

from django.contrib.auth.models import User
from django.test import Client

from studio.models import Membership, Role

PASSWORD = "correct horse battery"


def make_person(name: str, role: Role | None, password: str = "") -> User:
    """A user; a member unless ``role`` is None; with a password only if one is given."""
    user = User(username=name)
    if password:
        user.set_password(password)
    else:
        user.set_unusable_password()
    user.save()
    if role is not None:
        Membership.objects.create(user=user, role=role)
    return user


def signed_in(user: User) -> Client:
    """A browser in which ``user`` is signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
