"""What authors write on rubrics before it is a version, and what a new version makes of the labels that older ones earned."""

from django.db import models
from django.db.models import Q

from judging.models.rubric import Criterion, RubricVersion


class RubricDraft(models.Model):
    """A row is the draft of one rubric. It stays after publishing and goes on from there."""

    slug = models.SlugField(max_length=80, unique=True, help_text="Of the rubric, which need not have a version yet.")
    text = models.TextField(help_text="YAML; it may be unreadable while somebody writes.")
    version = models.PositiveIntegerField(default=1, help_text="Raised by every change: whoever saves names the one they read.")
    based_on = models.ForeignKey(
        RubricVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="The newest version when it was begun."
    )
    edited_by = models.CharField(max_length=150, help_text="User name, as it was then.")
    updated = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="rubric_draft_version_from_1", condition=Q(version__gte=1))]

    def __str__(self) -> str:
        return f"draft of {self.slug}"


class Meaning(models.TextChoices):
    """What became of a criterion. ``same``: its labels count for the new one. ``reworded``: they do, and a sample is asked anew.
    ``new``: they stay behind. ``removed``: there is none any more, and they are shown with the old version alone.
    """

    SAME = "same"
    REWORDED = "reworded"
    NEW = "new"
    REMOVED = "removed"


class CriterionLink(models.Model):
    """A row says what a version made of one criterion of the version before it, as whoever published declared. Never changed."""

    version = models.ForeignKey(RubricVersion, on_delete=models.CASCADE, related_name="links")
    before = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="became")
    after = models.ForeignKey(
        Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="came_from", help_text="Null: removed."
    )
    meaning = models.CharField(max_length=8, choices=Meaning)
    by = models.CharField(max_length=150, blank=True, help_text="User name; empty: published with the catalogue.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="criterion_link_once", fields=["version", "before"]),
            models.CheckConstraint(name="criterion_link_meaning_known", condition=Q(meaning__in=Meaning.values)),
            models.CheckConstraint(
                name="criterion_link_removed_leads_nowhere",
                condition=Q(meaning="removed", after__isnull=True) | (~Q(meaning="removed") & Q(after__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before_id} {self.meaning} {self.after_id or ''}"
