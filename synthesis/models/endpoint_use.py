"""What people settle about endpoints: who plays a role unless a run says otherwise, and self-checks that somebody asked for."""

from django.db import models
from django.db.models import Q

from synthesis.models.endpoint import ModelEndpoint
from synthesis.models.fields import ExactJSONField


class DefaultSeat(models.Model):
    """A row says that launchers preselect an endpoint for a role. A role without one is scripted, or judged by program."""

    role = models.CharField(max_length=8, unique=True, help_text="engine.chat.model.Role.")
    endpoint = models.ForeignKey(ModelEndpoint, on_delete=models.CASCADE, related_name="default_seats")

    class Meta:
        constraints = [
            models.CheckConstraint(name="default_seat_role_known", condition=Q(role__in=["agent", "user", "tool", "judge", "author"]))
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.endpoint_id}"


class CheckStatus(models.TextChoices):
    """Where a self-check stands. Moves: queued -> checking -> done or failed; checking -> checking when whoever did it is gone."""

    QUEUED = "queued"
    CHECKING = "checking"
    DONE = "done"
    FAILED = "failed"


OPEN_CHECKS = (CheckStatus.QUEUED, CheckStatus.CHECKING)


class EndpointCheck(models.Model):
    """A row is one asked-for self-check of an endpoint, and what it found. What the last whole one found is in ``ModelEndpoint.checked``
    too, until the endpoint changes."""

    endpoint = models.ForeignKey(ModelEndpoint, on_delete=models.CASCADE, related_name="checks")
    asked_by = models.CharField(max_length=150, help_text="User name, as it was then.")
    status = models.CharField(max_length=8, choices=CheckStatus, default=CheckStatus.QUEUED)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    findings = ExactJSONField(default=list, help_text="engine.chat.probes.Finding, in the order in which they were made.")
    error = models.TextField(blank=True, help_text="Why it ended early.")
    created = models.DateTimeField()
    asked = models.DateTimeField(help_text="When a worker was last asked for; messages may be lost.")
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="endpoint_check_status_known", condition=Q(status__in=CheckStatus.values)),
            models.CheckConstraint(name="endpoint_check_failed_has_error", condition=~Q(status="failed") | ~Q(error="")),
            models.UniqueConstraint(name="endpoint_check_one_open", fields=["endpoint"], condition=Q(status__in=["queued", "checking"])),
        ]
        indexes = [
            # The tick: checks that still need a worker.
            models.Index(fields=["id"], name="endpoint_check_open", condition=Q(status__in=["queued", "checking"])),
        ]

    def __str__(self) -> str:
        return f"check {self.pk} of endpoint {self.endpoint_id}"

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.status in OPEN_CHECKS
