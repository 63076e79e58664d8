"""Tokens for the REST interface."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class ApiToken(models.Model):
    """A row is one token of one person. The token is shown once and never stored: ``digest`` is its HMAC under the studio's key."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=80, help_text="What it is for, as its owner calls it.")
    prefix = models.CharField(max_length=8, unique=True, help_text="Finds the row; the rest of the token is secret.")
    digest = models.CharField(max_length=64, help_text="HMAC-SHA256 of the whole token, hexadecimal.")
    scopes = models.JSONField(help_text="Names of studio.access.scopes, sorted.")
    created = models.DateTimeField()
    expires = models.DateTimeField()
    last_used = models.DateTimeField(null=True, blank=True, help_text="To the minute.")
    revoked = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="token_expires_after_creation", condition=Q(expires__gt=F("created")))]
        indexes = [
            # The list of a person's tokens, newest first.
            models.Index(fields=["user", "-id"], name="token_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix} ({self.name})"
