"""What was answered to requests that may be sent again."""

from django.conf import settings
from django.db import models


class AnsweredRequest(models.Model):
    """A row is one request that started work and carried an Idempotency-Key: sent again, it gets the same answer and starts nothing.

    Written in the transaction of the work, so either both are there or neither. Forgotten after a day.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=200, help_text="The Idempotency-Key, as the caller chose it.")
    digest = models.CharField(max_length=64, help_text="sha256 over method, path and body: the same key with another request is an error.")
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(default=dict)
    location = models.CharField(max_length=200, blank=True)
    created = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="answered_once", fields=["user", "key"])]
        indexes = [
            # Forgetting: what is older than a day.
            models.Index(fields=["created"], name="answered_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of user {self.user_id}"
