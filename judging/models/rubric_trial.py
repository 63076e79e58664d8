"""Trials: a rubric that is not published, answered by a model judge about episodes that were judged before."""

from django.db import models
from django.db.models import Q

from judging.models.rubric import Criterion, RubricVersion
from synthesis.models.episode import Episode
from synthesis.models.fields import ExactJSONField


class TrialStatus(models.TextChoices):
    """Where it stands. Moves: queued -> working -> done; working -> queued when it is put off; queued or working -> stopped (a person has
    to act), cancelled or failed; stopped -> queued.
    """

    QUEUED = "queued"
    WORKING = "working"
    STOPPED = "stopped"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class RubricTrial(models.Model):
    """A row is one asked-for trial. What it finds decides nothing and is no judgement.

    Either the draft of a rubric is tried, or, where ``criterion`` is set, another wording of that disputed question: then a model drafts it
    first, and it is tried alone on the disputed episodes.
    """

    published = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="trials", help_text="What it is compared with.")
    draft = models.PositiveIntegerField(default=0, help_text="Version of the draft that is tried; 0: a wording is.")
    criterion = models.ForeignKey(
        Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="trials", help_text="The disputed question; null: a draft."
    )
    sheet = ExactJSONField(null=True, blank=True, help_text="engine.worksheet.Worksheet of the question when it was asked for.")
    author = models.CharField(max_length=80, blank=True, help_text="Slug of the endpoint that words it anew.")
    proposal = ExactJSONField(null=True, blank=True, help_text="engine.rewording.Proposal; null until it is there.")
    body = ExactJSONField(null=True, blank=True, help_text="engine.rubric.Rubric that is tried; null until it is worded.")
    spec = ExactJSONField(help_text="engine.judges.spec.JudgeSpec: who is asked.")
    episodes = ExactJSONField(help_text="Ids of the episodes it is tried on, in order.")
    estimate = ExactJSONField(default=dict, help_text="What it was said to cost: pipelines.rejudge_estimate.Estimate.")
    budget = models.PositiveBigIntegerField(help_text="What it may cost at most, in millionths; then it stops.")
    status = models.CharField(max_length=9, choices=TrialStatus, default=TrialStatus.QUEUED)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True, help_text="Put off until then: a model cannot be asked before.")
    epoch = models.PositiveIntegerField(default=0, help_text="Raised by every taking; whoever holds it writes only under its own.")
    cost = models.PositiveBigIntegerField(default=0, help_text="So far, in millionths.")
    problem = models.TextField(blank=True, help_text="Why it stopped or failed.")
    asked_by = models.CharField(max_length=150, help_text="User name, as it was then.")
    created = models.DateTimeField()
    asked = models.DateTimeField(help_text="When a worker was last asked for; messages may be lost.")
    finished = models.DateTimeField(null=True, blank=True)
    accepted = models.DateTimeField(null=True, blank=True, help_text="When its wording went into the rubric's draft; null: it did not.")
    accepted_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="rubric_trial_status_known", condition=Q(status__in=TrialStatus.values)),
            models.CheckConstraint(name="rubric_trial_trouble_has_words", condition=~Q(status__in=["stopped", "failed"]) | ~Q(problem="")),
            models.CheckConstraint(
                name="rubric_trial_of_one_thing",
                condition=Q(criterion__isnull=True, draft__gte=1) | Q(criterion__isnull=False, draft=0),
            ),
        ]
        indexes = [
            # The tick: what still needs a worker.
            models.Index(fields=["id"], name="rubric_trial_open", condition=Q(status__in=["queued", "working"])),
        ]

    def __str__(self) -> str:
        return f"trial {self.pk} of rubric version {self.published_id}"


class TrialAnswer(models.Model):
    """A row is what the judge of a trial said of one episode."""

    trial = models.ForeignKey(RubricTrial, on_delete=models.CASCADE, related_name="answers")
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="+")
    values = ExactJSONField(default=dict, help_text="{criterion: 0-5, or null where it does not apply}.")
    reasons = ExactJSONField(default=dict, help_text="{criterion: why}.")
    votes = ExactJSONField(default=dict, help_text="{criterion: [values of the members]} of a panel.")
    overall = models.FloatField(null=True, help_text="0-5; null when the judge failed.")
    passed = models.BooleanField(null=True, help_text="Whether no hard criterion failed; null when the judge failed.")
    error = models.TextField(blank=True, help_text="Why the judge failed; empty when it did not.")

    class Meta:
        constraints = [models.UniqueConstraint(name="trial_answer_once", fields=["trial", "episode"])]

    def __str__(self) -> str:
        return f"answer about episode {self.episode_id} in trial {self.trial_id}"
