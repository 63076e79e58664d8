"""What people change about themselves."""

from django.contrib.auth.models import User

from studio.access import audit


def profile_rename(*, user: User, name: str) -> None:
    """Change how a person is called."""
    with audit.change(user, "profile.rename", "member", user.pk, user.get_username(), before={"name": user.first_name}) as told:
        user.first_name = name
        user.save(update_fields=["first_name"])
        told.after = {"name": name}


def password_set(*, user: User, password: str) -> None:
    """Set a password. Every session of the person ends but the one that ``update_session_auth_hash`` renews."""
    with audit.change(user, "profile.password", "member", user.pk, user.get_username()):
        user.set_password(password)
        user.save(update_fields=["password"])
