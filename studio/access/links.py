"""One-time links that sign a person in: made for the first owner, for invitations, for forgotten passwords."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from studio.access import audit
from studio.access.errors import AccessError
from studio.access.secrets import digest_of, digests_of, secret_make
from studio.models import LinkPurpose, Role, SignInLink

LIFETIME = {
    LinkPurpose.FIRST_OWNER: timedelta(hours=24),
    LinkPurpose.INVITATION: timedelta(days=7),
    LinkPurpose.RECOVERY: timedelta(hours=24),
}


def link_make(*, user: User, purpose: LinkPurpose, actor: User | None, now: datetime) -> str:
    """Make a link, which replaces the person's open ones. Returns its token, which cannot be shown again."""
    secret = secret_make()
    with audit.change(actor, "links.make", "member", user.pk, user.get_username(), note=purpose.value):
        SignInLink.objects.filter(user=user, used=None).update(used=now)
        SignInLink.objects.create(
            user=user, purpose=purpose, digest=digest_of(secret, "link"), created_by=actor, created=now, expires=now + LIFETIME[purpose]
        )
    return secret


def link_find(secret: str, now: datetime) -> SignInLink | None:
    """The link, if it can still be used: not used, not expired, its person a member."""
    found = SignInLink.objects.select_related("user__membership").filter(digest__in=digests_of(secret, "link"), used=None, expires__gt=now)
    return found.filter(user__is_active=True, user__membership__isnull=False).first()


def needs_password(link: SignInLink) -> bool:
    """Whether whoever uses the link must choose a password: all who could not come back without one.

    The first owner may do without: whoever can start the studio can have another link printed.
    """
    return link.purpose != LinkPurpose.FIRST_OWNER


def link_use(*, secret: str, password: str, now: datetime) -> User:
    """Use a link up and set the password, unless it is empty. Raises AccessError for a link that cannot be used (any more)."""
    with transaction.atomic():
        link = link_find(secret, now)
        # The conditional update settles a race of two browsers: one of them changes a row.
        if link is None or not SignInLink.objects.filter(pk=link.pk, used=None).update(used=now):
            raise AccessError(_("This link has been used or has expired. Ask for a new one."))
        if needs_password(link) and not password:
            raise AccessError(_("Choose a password."))
        user = link.user
        with audit.change(user, "links.use", "member", user.pk, user.get_username(), note=str(link.purpose)):
            if password:
                user.set_password(password)
                user.save(update_fields=["password"])
        return user


def link_role(link: SignInLink) -> Role:
    """The role of the link's person."""
    return Role(link.user.membership.role)
