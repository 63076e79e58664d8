"""The audit trail."""

from collections.abc import Iterable
from typing import Any, NoReturn

from django.conf import settings
from django.db import models


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete what may only be added to."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Reads and adds; refuses the rest."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise AppendOnlyError("audit entries are never changed")

    def delete(self) -> NoReturn:
        """Refused."""
        raise AppendOnlyError("audit entries are never deleted")

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> NoReturn:
        """Refused."""
        raise AppendOnlyError("audit entries are never changed")


class AuditEntry(models.Model):
    """A row is one thing that somebody did. Append-only: the database itself refuses changes (a trigger), and it is written in the
    transaction of the change it tells of (``studio.access.audit``).
    """

    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, help_text="None: a command."
    )
    actor_name = models.CharField(max_length=150, help_text="As it was then.")
    action = models.CharField(max_length=60, help_text="area.verb, for instance members.role")
    kind = models.CharField(max_length=40, help_text="What sort of thing it was done to.")
    object_id = models.CharField(max_length=80)
    label = models.CharField(max_length=200, help_text="The thing's name as it was then.")
    before = models.CharField(max_length=64, blank=True, help_text="Digest of the thing before; empty if it was not there.")
    after = models.CharField(max_length=64, blank=True, help_text="Digest of the thing afterwards; empty if it is gone.")
    note = models.CharField(max_length=300, blank=True, help_text="What changed, in words. Never a secret.")

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            # The trail filtered by who, by action, by kind of thing; newest first.
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
            models.Index(fields=["kind", "object_id", "-id"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row. Raises AppendOnlyError for one that is there already."""
        if not self._state.adding:
            raise AppendOnlyError("audit entries are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise AppendOnlyError("audit entries are never deleted")
