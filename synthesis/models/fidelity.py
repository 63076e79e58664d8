"""Measurements of simulators against programs."""

from django.db import models
from django.db.models import F, Q

from synthesis.models.fields import ExactJSONField
from synthesis.models.release import Release


class FidelityStatus(models.TextChoices):
    """Where a measurement stands. Moves: queued -> measuring -> done or failed; measuring -> measuring when whoever did it is gone."""

    QUEUED = "queued"
    MEASURING = "measuring"
    DONE = "done"
    FAILED = "failed"


OPEN_MEASUREMENTS = (FidelityStatus.QUEUED, FidelityStatus.MEASURING)


class FidelityReport(models.Model):
    """A row is one measurement: gold calls of a release, each answered by its program and by one model as simulator.

    What has been measured is kept call by call, so a worker that is lost costs one call; a failed one keeps what it had.
    """

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="fidelity")
    endpoint = models.SlugField(max_length=80, help_text="Slug of the endpoint, as it was then.")
    model = models.CharField(max_length=200, help_text="As the endpoint calls it, as it was then.")
    prompt = models.CharField(max_length=16, help_text="Digest of the prompt that was used.")
    currency = models.CharField(max_length=3, default="USD", help_text="Of the cost.")
    seed = models.BigIntegerField(help_text="Which scenarios are drawn.")
    wanted = models.PositiveIntegerField(help_text="Calls to measure.")
    calls = models.PositiveIntegerField(default=0, help_text="Calls measured so far.")
    measured = ExactJSONField(default=dict, help_text="engine.environments.measuring.Measured.")
    cost = models.PositiveBigIntegerField(default=0, help_text="In millionths of the currency, so far.")
    asked_by = models.CharField(max_length=150, help_text="User name, as it was then.")
    status = models.CharField(max_length=9, choices=FidelityStatus, default=FidelityStatus.QUEUED)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, help_text="Why it ended early.")
    created = models.DateTimeField()
    asked = models.DateTimeField(help_text="When a worker was last asked for; messages may be lost.")
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="fidelity_status_known", condition=Q(status__in=FidelityStatus.values)),
            models.CheckConstraint(name="fidelity_failed_has_error", condition=~Q(status="failed") | ~Q(error="")),
            models.CheckConstraint(name="fidelity_some_calls", condition=Q(wanted__gt=0) & Q(calls__lte=F("wanted"))),
        ]
        indexes = [
            # The domain's page: its releases' reports, newest first.
            models.Index(fields=["release", "-id"], name="fidelity_of_release"),
            # The tick: measurements that still need a worker.
            models.Index(fields=["id"], name="fidelity_open", condition=Q(status__in=["queued", "measuring"])),
        ]

    def __str__(self) -> str:
        return f"fidelity {self.pk} of {self.endpoint}"

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.status in OPEN_MEASUREMENTS
