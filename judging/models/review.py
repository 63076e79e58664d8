"""Reviews: what a person found in an episode."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from judging.engine.attribution import PARTIES, SEVERITIES
from judging.models.review_queue import ReviewItem, ReviewSlot
from judging.models.rubric import Criterion
from synthesis.models.fields import ExactJSONField


class ReviewState(models.TextChoices):
    """Where a review stands. Moves: draft -> sealed, declined or broken; sealed -> draft when undone at once."""

    DRAFT = "draft"
    SEALED = "sealed"
    DECLINED = "declined"
    BROKEN = "broken"


class ReviewDecision(models.TextChoices):
    """What shall become of the episode."""

    KEEP = "keep"
    FIX = "fix"
    DROP = "drop"


class Review(models.Model):
    """A row is one person's view of an item, from the moment it was theirs: one a person, and one more for every later revision.

    A draft without a slot belongs to somebody who put it off or whose lease ran out; sealed like that, when nobody waits for it any more,
    it is ``late``: an extra review. ``revealed`` is when its author first saw the judge's answers.
    """

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="reviews")
    slot = models.OneToOneField(ReviewSlot, null=True, blank=True, on_delete=models.PROTECT, related_name="review")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=ReviewState, default=ReviewState.DRAFT)
    decision = models.CharField(max_length=4, choices=ReviewDecision, blank=True)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 (unsure) to 3 (sure); null when it was not said.")
    comment = models.TextField(blank=True)
    first_error = models.IntegerField(null=True, blank=True, help_text="Event number where it went wrong first.")
    party = models.CharField(max_length=14, blank=True, help_text="Who is to blame, where the reviewer says so.")
    tag = models.CharField(max_length=40, blank=True, help_text="By what mistake.")
    severity = models.CharField(max_length=8, blank=True)
    active_seconds = models.PositiveIntegerField(default=0, help_text="Time at work on it, as its page counted it.")
    late = models.BooleanField(default=False)
    reason = models.TextField(blank=True, help_text="Why it was declined, is broken, or was revised.")
    revises = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="revision")
    started = models.DateTimeField()
    saved = models.DateTimeField(null=True, blank=True)
    sealed = models.DateTimeField(null=True, blank=True)
    revealed = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="review_once_a_person", fields=["item", "reviewer"], condition=Q(revises__isnull=True)),
            models.CheckConstraint(name="review_state_known", condition=Q(state__in=ReviewState.values)),
            models.CheckConstraint(name="review_decision_known", condition=Q(decision__in=["", *ReviewDecision.values])),
            models.CheckConstraint(
                name="review_confidence_1_to_3", condition=Q(confidence__isnull=True) | Q(confidence__gte=1, confidence__lte=3)
            ),
            models.CheckConstraint(name="review_party_known", condition=Q(party__in=["", *PARTIES])),
            models.CheckConstraint(name="review_severity_known", condition=Q(severity__in=["", *SEVERITIES])),
            models.CheckConstraint(name="review_blames_somebody", condition=Q(state="draft") | ~Q(party="") | Q(tag="", severity="")),
            models.CheckConstraint(
                name="review_sealed_is_whole", condition=~Q(state="sealed") | (Q(sealed__isnull=False) & ~Q(decision=""))
            ),
            models.CheckConstraint(
                name="review_ends_for_a_reason",
                condition=Q(state__in=["draft", "sealed"], revises__isnull=True) | (~Q(state="draft") & ~Q(reason="")),
            ),
        ]
        indexes = [
            # What somebody has under way, and what they did last.
            models.Index(fields=["reviewer", "state", "id"], name="review_by_person"),
        ]

    def __str__(self) -> str:
        return f"review {self.pk} of item {self.item_id}"


class Verdict(models.Model):
    """A row is a review's answer to one criterion. ``value`` is 0-5, or null where the criterion does not apply or is not answered yet."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="verdicts")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+", db_index=False)
    answered = models.BooleanField(default=False)
    value = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.TextField(blank=True)
    evidence = ExactJSONField(default=list, help_text="Event numbers.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="verdict_once", fields=["review", "criterion"]),
            models.CheckConstraint(name="verdict_0_to_5", condition=Q(value__isnull=True) | Q(value__gte=0, value__lte=5, answered=True)),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.value}"
