"""Canary rounds: a model judge put before transcripts that ask it for marks."""

from django.db import models
from django.db.models import Q

from synthesis.models.episode import Episode
from synthesis.models.fields import ExactJSONField


class CanaryStatus(models.TextChoices):
    """Where a round stands. Moves: queued -> working -> done or failed; working -> working when whoever worked is gone."""

    QUEUED = "queued"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class CanaryRound(models.Model):
    """A row is one asked-for try to talk a judge version into full marks; ``sung`` says of every canary what it and its honest twin got."""

    judge_version = models.CharField(max_length=64, help_text="JudgeVersion.version.")
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="+", help_text="In which canaries are planted.")
    asked_by = models.CharField(max_length=150, help_text="User name, as it was then.")
    status = models.CharField(max_length=8, choices=CanaryStatus, default=CanaryStatus.QUEUED)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often it was taken; whoever works writes only under their own.")
    done = models.PositiveSmallIntegerField(default=0, help_text="Questions that were answered.")
    questions = models.PositiveSmallIntegerField(help_text="How many there are, about.")
    cost = models.PositiveBigIntegerField(default=0, help_text="What they took, in millionths.")
    sung = ExactJSONField(default=list, help_text="[engine.canaries.Sung], once done.")
    error = models.TextField(blank=True)
    created = models.DateTimeField()
    asked = models.DateTimeField(help_text="When a worker was last asked for; messages may be lost.")
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="canary_round_status_known", condition=Q(status__in=CanaryStatus.values)),
            models.CheckConstraint(name="canary_round_done_is_finished", condition=~Q(status="done") | Q(finished__isnull=False)),
            models.CheckConstraint(name="canary_round_failed_has_error", condition=~Q(status="failed") | ~Q(error="")),
            # Two at once would pay for the same answers twice.
            models.UniqueConstraint(
                name="canary_round_one_at_a_time", fields=["judge_version"], condition=Q(status__in=["queued", "working"])
            ),
        ]
        indexes = [
            # The page of a judge: its newest rounds.
            models.Index(fields=["judge_version", "-id"], name="canary_round_of_version"),
            # The tick: those that still need a worker.
            models.Index(fields=["id"], name="canary_round_open", condition=Q(status__in=["queued", "working"])),
        ]

    def __str__(self) -> str:
        return f"canaries before {self.judge_version[:8]}"
