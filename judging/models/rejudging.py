"""Judging episodes again, by another judge or under another rubric."""

from django.db import models
from django.db.models import Q

from judging.models.rubric import RubricVersion
from synthesis.models.fields import ExactJSONField
from synthesis.models.run import Run


class RejudgingStatus(models.TextChoices):
    """Where it stands. Moves: queued -> working -> done; working -> queued when it is put off; queued or working -> stopped (a person has
    to act), cancelled or failed; stopped -> queued.
    """

    QUEUED = "queued"
    WORKING = "working"
    STOPPED = "stopped"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Rejudging(models.Model):
    """A row is one asked-for round of judging over the judged episodes of a run, or some of them. Nothing is played again.

    What it finds stands beside the judgements that were there, and decides nothing until somebody adopts it. ``after`` is the index of the
    last episode that was looked at: a worker that takes over goes on behind it.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="rejudgings")
    spec = ExactJSONField(help_text="engine.judges.spec.JudgeSpec.")
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="+")
    filters = ExactJSONField(default=dict, help_text="{verdict, domain, variation}: which episodes; empty: all judged ones.")
    episodes = models.PositiveIntegerField(help_text="How many were chosen when it was asked for.")
    estimate = ExactJSONField(default=dict, help_text="What it was said to cost: pipelines.rejudge_estimate.Estimate.")
    judge_versions = ExactJSONField(
        default=dict, help_text="{digest of the rubric version: JudgeVersion.version of whoever judged last under it}; empty before that."
    )
    status = models.CharField(max_length=9, choices=RejudgingStatus, default=RejudgingStatus.QUEUED)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True, help_text="Put off until then: a model cannot be asked before.")
    epoch = models.PositiveIntegerField(default=0, help_text="Raised by every taking; whoever holds it writes only under its own.")
    after = models.IntegerField(default=-1)
    done = models.PositiveIntegerField(default=0, help_text="Episodes that were looked at.")
    errors = models.PositiveIntegerField(default=0, help_text="Of them, those that the judge could not judge.")
    cost = models.PositiveBigIntegerField(default=0, help_text="So far, in millionths.")
    problem = models.TextField(blank=True, help_text="Why it stopped or failed.")
    asked_by = models.CharField(max_length=150, help_text="User name, as it was then; empty: the command line.", blank=True)
    created = models.DateTimeField()
    asked = models.DateTimeField(help_text="When a worker was last asked for; messages may be lost.")
    finished = models.DateTimeField(null=True, blank=True)
    adopted = models.DateTimeField(null=True, blank=True, help_text="Since when its judgements decide; null: they do not.")
    adopted_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="rejudging_status_known", condition=Q(status__in=RejudgingStatus.values)),
            models.CheckConstraint(name="rejudging_trouble_has_words", condition=~Q(status__in=["stopped", "failed"]) | ~Q(problem="")),
            models.CheckConstraint(
                name="rejudging_adopted_when_over", condition=Q(adopted__isnull=True) | Q(status__in=["done", "cancelled"])
            ),
        ]
        indexes = [
            # The tick: what still needs a worker.
            models.Index(fields=["id"], name="rejudging_open", condition=Q(status__in=["queued", "working"])),
        ]

    def __str__(self) -> str:
        return f"rejudging {self.pk} of run {self.run_id}"
