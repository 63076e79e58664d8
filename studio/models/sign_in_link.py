"""One-time links that sign a person in."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class LinkPurpose(models.TextChoices):
    """Why a link was made: the first owner's entrance, an invitation, a forgotten password."""

    FIRST_OWNER = "first_owner"
    INVITATION = "invitation"
    RECOVERY = "recovery"


class SignInLink(models.Model):
    """A row is one link that signs one person in once. The link is shown once and never stored: ``digest`` is its HMAC."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sign_in_links")
    purpose = models.CharField(max_length=11, choices=LinkPurpose)
    digest = models.CharField(max_length=64, unique=True, help_text="HMAC-SHA256 of the link's token, hexadecimal.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True, blank=True, help_text="Set once: by signing in, or when a newer link replaced it.")

    class Meta:
        constraints = [
            models.CheckConstraint(name="link_purpose_known", condition=Q(purpose__in=LinkPurpose.values)),
            models.CheckConstraint(name="link_expires_after_creation", condition=Q(expires__gt=F("created"))),
        ]
        indexes = [
            # A person's open links, which a newer one replaces.
            models.Index(fields=["user"], name="link_open", condition=Q(used=None)),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} link of user {self.user_id}"
