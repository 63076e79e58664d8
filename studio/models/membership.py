"""Roles of people."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is here for. What each may do: studio/access/table.py."""

    OWNER = "owner", _("Owner")
    AUTHOR = "author", _("Author")
    OPERATOR = "operator", _("Operator")
    REVIEWER = "reviewer", _("Reviewer")
    VIEWER = "viewer", _("Viewer")


class Membership(models.Model):
    """A row says that a person belongs to the studio, in one role. A user without one may do nothing."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="membership")
    role = models.CharField(max_length=8, choices=Role)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(name="membership_role_known", condition=Q(role__in=Role.values))]
        indexes = [
            # Whether there is an owner left.
            models.Index(fields=["role"], name="membership_by_role"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id}"
