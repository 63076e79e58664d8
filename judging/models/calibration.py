"""Calibrations: what is known of how far a judge can be trusted."""

from django.db import models
from django.db.models import Q

from judging.models.rubric import RubricVersion
from synthesis.models.episode import Episode
from synthesis.models.fields import ExactJSONField


class CalibrationStatus(models.TextChoices):
    """Where a calibration stands. Moves: queued -> working -> done or failed; working -> working when whoever worked is gone."""

    QUEUED = "queued"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class Calibration(models.Model):
    """A row is one look at how far one judge version can be trusted: against people's labels, against states, against damaged plays.

    Its numbers are ``report``, taken once; the newest one that is done counts.
    """

    judge_version = models.CharField(max_length=64, help_text="Judgement.judge_version.")
    judge = models.CharField(max_length=20, help_text="Kind of judge.")
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="+")
    damage = models.PositiveIntegerField(default=0, help_text="How many passing episodes are damaged and judged; 0: none.")
    seed = models.BigIntegerField(default=0, help_text="Decides which episodes are drawn, and the draws of intervals.")
    asked_by = models.CharField(max_length=150, help_text="User name, as it was then.")
    status = models.CharField(max_length=8, choices=CalibrationStatus, default=CalibrationStatus.QUEUED)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    report = ExactJSONField(default=dict, help_text="engine.calibration.report.Report, once done.")
    created = models.DateTimeField()
    asked = models.DateTimeField(help_text="When a worker was last asked for; messages may be lost.")
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="calibration_status_known", condition=Q(status__in=CalibrationStatus.values)),
            models.CheckConstraint(name="calibration_done_is_finished", condition=~Q(status="done") | Q(finished__isnull=False)),
            models.CheckConstraint(name="calibration_failed_has_error", condition=~Q(status="failed") | ~Q(error="")),
            # Two at once would do the same work twice.
            models.UniqueConstraint(
                name="calibration_one_at_a_time", fields=["judge_version"], condition=Q(status__in=["queued", "working"])
            ),
        ]
        indexes = [
            # Pages and badges: the newest of a judge version.
            models.Index(fields=["judge_version", "-id"], name="calibration_of_version"),
            # The tick: those that still need a worker.
            models.Index(fields=["id"], name="calibration_open", condition=Q(status__in=["queued", "working"])),
        ]

    def __str__(self) -> str:
        return f"calibration {self.pk} of {self.judge_version[:8]}"


class CalibrationLabel(models.Model):
    """A row is one labelled episode behind a calibration's numbers: truth beside judge, for one criterion or for the verdict ("").

    Kept for the newest calibration of a judge version only: older ones keep their numbers.
    """

    calibration = models.ForeignKey(Calibration, on_delete=models.CASCADE, related_name="labels", db_index=False)
    criterion = models.CharField(max_length=80, blank=True, help_text="Slug; empty for the verdict on the whole episode.")
    split = models.CharField(max_length=4, help_text="dev or test, by scenario.")
    good = models.BooleanField(help_text="What people say.")
    passed = models.BooleanField(help_text="What the judge says.")
    item = models.BigIntegerField(help_text="The review item.")
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="+")
    truth = models.PositiveSmallIntegerField(help_text="0-5; of the verdict 0 or 1.")
    said = models.PositiveSmallIntegerField(help_text="0-5; of the verdict 0 or 1.")
    weight = models.FloatField(help_text="For how many episodes it stands.")
    score = models.FloatField(null=True, help_text="The judge's overall score, 0-5.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="calibration_label_once", fields=["calibration", "criterion", "item"]),
            models.CheckConstraint(name="calibration_label_split_known", condition=Q(split__in=["dev", "test"])),
            models.CheckConstraint(name="calibration_label_0_to_5", condition=Q(truth__lte=5, said__lte=5)),
        ]
        indexes = [
            # The cells of a confusion matrix, page by page.
            models.Index(fields=["calibration", "criterion", "split", "good", "passed", "id"], name="calibration_cell"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion or 'verdict'} of episode {self.episode_id}"


class CalibrationLook(models.Model):
    """A row is somebody's look at the test part of a calibration: each one makes it a little less of a test. Append-only."""

    calibration = models.ForeignKey(Calibration, on_delete=models.CASCADE, related_name="looks")
    by = models.CharField(max_length=150, help_text="User name, as it was then.")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="calibration_looked_at_once", fields=["calibration", "by"])]

    def __str__(self) -> str:
        return f"{self.by} looked at calibration {self.calibration_id}"


class Mutant(models.Model):
    """A row is a damaged copy of an episode's trajectory. Judges meet it as any other; people see what was done to it."""

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24, help_text="A kind of slip.")
    method = models.CharField(max_length=7, help_text="replay: played again with the slip; surgery: cut open and performed again.")
    note = models.TextField(help_text="What was done.")
    events = ExactJSONField(help_text="The whole log, as engine events.")
    place = models.FloatField(help_text="Where the damage begins in the log, 0-1.")
    length = models.PositiveIntegerField(help_text="Number of events.")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="mutant_once", fields=["episode", "kind", "method"]),
            models.CheckConstraint(name="mutant_method_known", condition=Q(method__in=["replay", "surgery"])),
            models.CheckConstraint(name="mutant_place_is_a_share", condition=Q(place__gte=0, place__lte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in episode {self.episode_id}"


class MutantVerdict(models.Model):
    """A row is what a judge version made of a damaged trajectory."""

    mutant = models.ForeignKey(Mutant, on_delete=models.CASCADE, related_name="verdicts")
    judge_version = models.CharField(max_length=64, help_text="Judgement.judge_version.")
    passed = models.BooleanField(help_text="Whether the judge let it through.")
    named = models.BooleanField(help_text="Whether a check that names this kind of damage found it.")
    overall = models.FloatField(null=True, help_text="0-5; null when the judge itself failed.")
    fallen = ExactJSONField(default=list, help_text="Slugs of the criteria that did not pass.")
    reason = models.TextField(blank=True, help_text="Why it did not pass, or why the judge failed.")
    error = models.BooleanField(default=False, help_text="Whether the judge itself failed: then it counts for nothing.")

    class Meta:
        constraints = [models.UniqueConstraint(name="mutant_judged_once_by_a_version", fields=["mutant", "judge_version"])]
        indexes = [
            # What a judge version made of which damage.
            models.Index(fields=["judge_version", "passed"], name="mutant_by_judge"),
        ]

    def __str__(self) -> str:
        return f"{'passed' if self.passed else 'found'}: mutant {self.mutant_id}"
