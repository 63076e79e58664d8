"""Calls that people made by hand."""

from django.conf import settings
from django.db import models

from synthesis.models.fields import ExactJSONField


class Trial(models.Model):
    """A row is one person's own copy of a seeded world: the calls they made in it, in order. The state is their fold; nothing else is kept.

    ``release`` is the digest of a release, or of a draft as it was then: a draft that changed has another world.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    domain = models.CharField(max_length=80)
    release = models.CharField(max_length=64)
    seed = models.BigIntegerField()
    calls = ExactJSONField(default=list, help_text="studio.pipelines.trials.Made, oldest first.")
    version = models.PositiveIntegerField(default=0, help_text="Raised by every call, so that two windows do not overwrite each other.")
    updated = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="trial_once", fields=["user", "release", "seed"])]
        indexes = [
            # Forgetting: a person's worlds, the newest first.
            models.Index(fields=["user", "-updated"], name="trial_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.domain} {self.release[:12]}:{self.seed} of user {self.user_id}"
