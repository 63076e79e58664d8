"""API tokens: ``ads_<prefix>_<secret>``, shown once, kept as HMAC."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from studio.access import audit
from studio.access.errors import AccessError
from studio.access.scopes import SCOPES
from studio.access.secrets import digest_of, matches, secret_make
from studio.models import ApiToken

MARK = "ads"
"""How our tokens begin, so that people and secret scanners recognise them."""
LIFETIMES = (7, 30, 90, 365)
"""Days a token may live."""
MOST = 50
"""Live tokens a person may have."""
USE_NOTED = timedelta(minutes=1)
"""``last_used`` is no finer than this, so that reading through the interface does not write at every request."""


class Caller(NamedTuple):
    """Who calls with a token, and what for."""

    user: User
    scopes: frozenset[str]


def token_create(*, user: User, name: str, scopes: Collection[str], days: int, now: datetime) -> tuple[ApiToken, str]:
    """Make a token. Returns its row and the token, which cannot be shown again. Raises AccessError."""
    if not name.strip():
        raise AccessError(_("Say what the token is for."))
    if not scopes or not set(scopes) <= set(SCOPES):
        raise AccessError(_("Choose at least one scope."))
    if days not in LIFETIMES:
        raise AccessError(_("Choose how long the token shall live."))
    prefix = secrets.token_hex(4)
    token = f"{MARK}_{prefix}_{secret_make()}"
    with transaction.atomic():
        if ApiToken.objects.filter(user=user, revoked=None, expires__gt=now).count() >= MOST:
            raise AccessError(_("You have %(count)d tokens. Revoke one you no longer need.") % {"count": MOST})
        with audit.change(user, "tokens.create", "token", prefix, name, note=", ".join(sorted(scopes))) as told:
            row = ApiToken.objects.create(
                user=user,
                name=name.strip(),
                prefix=prefix,
                digest=digest_of(token, "token"),
                scopes=sorted(set(scopes)),
                created=now,
                expires=now + timedelta(days=days),
            )
            told.after = audit.row_facts(row, "user_id", "name", "prefix", "scopes", "expires")
    return row, token


def token_revoke(*, actor: User, token: ApiToken, now: datetime) -> None:
    """End a token. One that is revoked already stays as it is."""
    with audit.change(
        actor, "tokens.revoke", "token", token.prefix, token.name, before=audit.row_facts(token, "prefix", "revoked")
    ) as told:
        ApiToken.objects.filter(pk=token.pk, revoked=None).update(revoked=now)
        told.after = {"prefix": token.prefix, "revoked": now}


def token_check(secret: str, now: datetime | None = None) -> Caller | None:
    """Who calls with this token, or None: unknown, expired, revoked, or of somebody who is no member any more.

    Unpacks to ``(user, scopes)``; ask ``studio.access.scopes.allowed`` what they may do. Notes the use, to the minute.
    """
    now = now or timezone.now()
    mark, _blank, rest = secret.partition("_")
    prefix = rest.partition("_")[0]
    if mark != MARK or len(prefix) != 8 or len(secret) > 100:
        return None
    rows = ApiToken.objects.select_related("user").filter(prefix=prefix, revoked=None, expires__gt=now)
    row = rows.filter(user__is_active=True, user__membership__isnull=False).first()
    if row is None or not matches(secret, row.digest, "token"):
        return None
    stale = Q(last_used=None) | Q(last_used__lt=now - USE_NOTED)
    ApiToken.objects.filter(stale, pk=row.pk).update(last_used=now)
    return Caller(row.user, frozenset(row.scopes))


def token_get(token_id: int) -> ApiToken | None:
    """The token's row."""
    return ApiToken.objects.select_related("user").filter(pk=token_id).first()


def tokens(*, user: User | None, before_id: int | None = None, limit: int = 50) -> Sequence[ApiToken]:
    """Tokens of ``user``, or of everybody when that is None; newest first, older than ``before_id``."""
    rows = ApiToken.objects.select_related("user")
    if user is not None:
        rows = rows.filter(user=user)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return list(rows.order_by("-pk")[:limit])
