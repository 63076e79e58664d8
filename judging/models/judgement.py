"""Judgements: what a judge found in an episode."""

from django.db import models
from django.db.models import Q

from judging.models.rubric import Criterion, RubricVersion
from synthesis.models.episode import Episode
from synthesis.models.fields import ExactJSONField


class JudgeVersion(models.Model):
    """A row is one judge: everything that decides its answers, under the hash by which judgements name it."""

    version = models.CharField(max_length=64, unique=True, help_text="sha256 over ``identity``.")
    kind = models.CharField(max_length=20, help_text="programmatic, model or panel.")
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="judges")
    identity = ExactJSONField(
        default=dict, help_text="{endpoints, models, prompt, decoding, code}: what the hash is over, beside kind and rubric version."
    )
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.version[:8]}"


class Judgement(models.Model):
    """A row is one judge version's view of one episode; a judge version judges an episode once.

    Of the judgements of an episode one ``decides``: gates, lists, figures and datasets read that one, whoever else has judged it. The
    run's judge decides; another judge does when somebody adopts what it found, and the checks alone where the run's judge failed.

    ``checks`` maps the id of every check to its value (null: did not apply), so that selectors can count without rows; broken checks have
    rows of their own, with reasons and evidence. The digests and ``flaw`` are what the gates of a dataset ask of the trajectory: computed
    here, where the trajectory is at hand, so that building a dataset opens no log.
    """

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="judgements")
    judge = models.CharField(max_length=20, default="programmatic", help_text="Kind of judge.")
    judge_version = models.CharField(max_length=64, help_text="JudgeVersion.version.")
    decides = models.BooleanField(default=False, help_text="Whether this one counts; exactly one of the judgements of an episode does.")
    replaced_by = models.ForeignKey(
        "judging.Rejudging",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="replaced",
        help_text="Whose adoption took the decision from it; putting that back gives it back.",
    )
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="judgements")
    overall = models.FloatField(null=True, help_text="0-5; null when the judge itself failed.")
    passed = models.BooleanField(help_text="Outcome by checks, and by hard criteria where a model answered them.")
    process_credit = models.FloatField(help_text="Share of gold steps reached, 0-1.")
    hard_fails = ExactJSONField(default=list, help_text="Slugs of hard criteria that failed.")
    checks = ExactJSONField(default=dict, help_text="{check id: 0-1, or null where it did not apply}.")
    error = models.TextField(blank=True, help_text="Why the judge failed; empty when it did not.")
    cost = models.PositiveBigIntegerField(default=0, help_text="What asking models took, in millionths of their currency.")
    tokens = models.PositiveIntegerField(default=0, help_text="Tokens that models read and wrote for it.")
    disputed = models.BooleanField(default=False, help_text="Whether members of a panel disagree about a hard criterion.")

    party = models.CharField(
        max_length=14, blank=True, help_text="Who is to blame: scenario, user, agent, tool, judge, infrastructure; empty when it passed."
    )
    tag = models.CharField(max_length=40, blank=True, help_text="By what mistake.")
    severity = models.CharField(max_length=8, blank=True)
    failed_check = models.CharField(max_length=40, blank=True, help_text="The check that names the cause.")
    reason = models.TextField(blank=True)
    first_event = models.IntegerField(null=True, help_text="Event number where it went wrong first.")

    flaw = models.TextField(blank=True, help_text="Why the trajectory is not a valid row; empty when it is.")
    exact_digest = models.CharField(max_length=64, help_text="sha256 over the normalised messages.")
    structural_digest = models.CharField(max_length=64, help_text="sha256 over calls, arguments, final state, variation and language.")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="judged_once_by_a_version", fields=["episode", "judge_version"]),
            models.UniqueConstraint(name="one_judgement_decides", fields=["episode"], condition=Q(decides=True)),
            models.CheckConstraint(name="judgement_overall_0_to_5", condition=Q(overall__isnull=True) | Q(overall__gte=0, overall__lte=5)),
            models.CheckConstraint(name="judgement_credit_is_a_share", condition=Q(process_credit__gte=0, process_credit__lte=1)),
            models.CheckConstraint(name="judgement_error_has_no_score", condition=Q(error="") | Q(overall__isnull=True)),
            models.CheckConstraint(
                name="judgement_blames_when_failed", condition=Q(passed=True, party="") | (Q(passed=False) & ~Q(party=""))
            ),
        ]

        indexes = [
            # The monitor: what was judged lately.
            models.Index(fields=["created"], name="judgement_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.judge} of episode {self.episode_id}: {self.overall}"


class CriterionScore(models.Model):
    """A row is a judgement's answer to one criterion. ``value`` is 0-5, or null where the criterion does not apply."""

    judgement = models.ForeignKey(Judgement, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+", db_index=False)
    value = models.FloatField(null=True)
    reason = models.TextField()
    evidence = ExactJSONField(default=list, help_text="Event numbers.")
    votes = ExactJSONField(default=list, help_text="Values that the members of a panel gave (null: does not apply); empty for one judge.")
    spread = models.FloatField(null=True, help_text="How far the members of a panel are apart, 0-5; null for one judge.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="criterion_scored_once", fields=["judgement", "criterion"]),
            models.CheckConstraint(name="criterion_score_0_to_5", condition=Q(value__isnull=True) | Q(value__gte=0, value__lte=5)),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.value}"


class CheckResult(models.Model):
    """A row is one broken check of a judgement. Checks that hold stand in ``Judgement.checks`` alone: most do, and a row for each would
    cost more than judging.
    """

    judgement = models.ForeignKey(Judgement, on_delete=models.CASCADE, related_name="broken")
    check_id = models.CharField(max_length=40)
    reason = models.TextField()
    evidence = ExactJSONField(default=list, help_text="Event numbers, first one first.")
    party = models.CharField(max_length=14)
    tag = models.CharField(max_length=40)
    severity = models.CharField(max_length=8)

    class Meta:
        constraints = [models.UniqueConstraint(name="check_broken_once", fields=["judgement", "check_id"])]

    def __str__(self) -> str:
        return f"{self.check_id}: {self.reason}"
