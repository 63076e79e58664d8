"""Secrets that are shown once: made at random, kept as HMAC under the studio's secret key."""

import secrets

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac


def secret_make() -> str:
    """43 characters of the URL-safe alphabet: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str, purpose: str, key: str | bytes | None = None) -> str:
    """HMAC-SHA256 of ``secret``, hexadecimal. ``purpose`` keeps the digests of different kinds of secrets apart."""
    return salted_hmac(f"studio.{purpose}", secret, secret=key, algorithm="sha256").hexdigest()


def digests_of(secret: str, purpose: str) -> list[str]:
    """The digest under the present key and under each former one that is still accepted (``SECRET_KEY_FALLBACKS``)."""
    return [digest_of(secret, purpose, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def matches(secret: str, digest: str, purpose: str) -> bool:
    """Whether ``digest`` is of ``secret``, told in constant time."""
    # All are compared, so that the time does not tell under which key it was made.
    return True in [constant_time_compare(digest, own) for own in digests_of(secret, purpose)]
