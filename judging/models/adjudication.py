"""Where answers differ, what was settled, and what people note about the question itself."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from judging.models.review import Review
from judging.models.review_queue import ReviewItem
from judging.models.rubric import Criterion
from synthesis.models.fields import ExactJSONField


class DisputeCause(models.TextChoices):
    """Whose answers to a hard criterion differ: those of people, or a person's and the judge's."""

    PEOPLE = "people"
    JUDGE = "judge"


class AdjudicationOutcome(models.TextChoices):
    """How it was settled: a reviewer's answer, the judge's, another one; or the question itself is ambiguous. Empty: it waits."""

    REVIEW = "review"
    JUDGE = "judge"
    NEW = "new"
    AMBIGUOUS = "ambiguous"


class Adjudication(models.Model):
    """A row is one criterion of one item on which answers differ, and what somebody else settled. Moves: waiting -> settled.

    Settled once more it is another row; ``current`` marks the one that counts. A dispute that nobody settled goes when its cause does
    (a review is undone or revised).
    """

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="adjudications")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=6, choices=DisputeCause)
    outcome = models.CharField(max_length=9, choices=AdjudicationOutcome, blank=True, help_text="Empty while it waits.")
    current = models.BooleanField(default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    review = models.ForeignKey(
        Review, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Whose answer was taken, if a reviewer's."
    )
    value = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="0-5; null where the criterion does not apply, is ambiguous, or nobody settled it."
    )
    note = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)
    settled = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="adjudicated_once", fields=["item", "criterion"], condition=Q(current=True)),
            models.CheckConstraint(name="adjudication_cause_known", condition=Q(cause__in=DisputeCause.values)),
            models.CheckConstraint(name="adjudication_outcome_known", condition=Q(outcome__in=["", *AdjudicationOutcome.values])),
            models.CheckConstraint(
                name="adjudication_settled_by_somebody",
                condition=Q(outcome="", by__isnull=True, settled__isnull=True, current=True)
                | (~Q(outcome="") & Q(by__isnull=False, settled__isnull=False)),
            ),
            models.CheckConstraint(
                name="adjudication_takes_a_review",
                condition=Q(outcome="review", review__isnull=False) | (~Q(outcome="review") & Q(review=None)),
            ),
            models.CheckConstraint(name="adjudication_0_to_5", condition=Q(value__isnull=True) | Q(value__gte=0, value__lte=5)),
            models.CheckConstraint(
                name="adjudication_ambiguous_says_why", condition=~Q(outcome="ambiguous") | (~Q(note="") & Q(value__isnull=True))
            ),
        ]
        indexes = [
            # The list of what waits.
            models.Index(fields=["item"], name="adjudication_waits", condition=Q(outcome="")),
        ]

    def __str__(self) -> str:
        return f"criterion {self.criterion_id} of item {self.item_id}: {self.outcome or 'waits'}"


class NoteKind(models.TextChoices):
    """What a note is: why a question is ambiguous, or how it might be worded instead."""

    AMBIGUOUS = "ambiguous"
    WORDING = "wording"


class RubricNote(models.Model):
    """A row is what somebody, or a model, notes about a question, for whoever rewrites the rubric. ``closed``: it was dealt with."""

    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=9, choices=NoteKind)
    adjudication = models.OneToOneField(Adjudication, null=True, blank=True, on_delete=models.PROTECT, related_name="rubric_note")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Null: a model's draft."
    )
    author = models.CharField(max_length=200, blank=True, help_text="What wrote it, where no person did: the model.")
    text = models.TextField()
    created = models.DateTimeField()
    closed = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="rubric_note_kind_known", condition=Q(kind__in=NoteKind.values)),
            models.CheckConstraint(name="rubric_note_says_something", condition=~Q(text="")),
            models.CheckConstraint(name="rubric_note_has_an_author", condition=Q(by__isnull=False) | ~Q(author="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} note on criterion {self.criterion_id}"


class GoldItem(models.Model):
    """A row is an item whose truth is known, given now and then to reviewers to see how they do.

    Taken back (``active`` false) it is given to nobody any more; how people did on it stays.
    """

    item = models.OneToOneField(ReviewItem, on_delete=models.PROTECT, related_name="gold")
    expected = ExactJSONField(help_text="{criterion slug: 0-5, or null where it does not apply}; criteria left out are not compared.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(default=True)
    created = models.DateTimeField()

    def __str__(self) -> str:
        return f"gold item {self.item_id}"
