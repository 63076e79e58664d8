"""Rubrics and their immutable versions."""

from django.db import models
from django.db.models import Q

from synthesis.models.fields import ExactJSONField


class Rubric(models.Model):
    """A row is one named rubric. What it asks stands in its versions."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.slug


class RubricVersion(models.Model):
    """A row is one immutable version of a rubric, named by its digest. Judgements point here."""

    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text="1, 2, 3 within its rubric.")
    digest = models.CharField(max_length=64, unique=True, help_text="sha256 of the body's canonical JSON.")
    body = ExactJSONField(help_text="engine.rubric.Rubric.")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="rubric_version_number_once", fields=["rubric", "number"])]

    def __str__(self) -> str:
        return f"{self.rubric_id} #{self.number}"


class Criterion(models.Model):
    """A row is one question of a rubric version; the columns repeat its body for lists, filters and foreign keys."""

    version = models.ForeignKey(RubricVersion, on_delete=models.CASCADE, related_name="criteria")
    slug = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField()
    question = models.TextField()
    weight = models.FloatField()
    hard = models.BooleanField()
    answered_by = models.CharField(max_length=5)

    class Meta:
        ordering = ["version_id", "position"]
        constraints = [
            models.UniqueConstraint(name="criterion_once", fields=["version", "slug"]),
            models.CheckConstraint(name="criterion_weight_positive", condition=Q(weight__gt=0)),
            models.CheckConstraint(name="criterion_answered_by_known", condition=Q(answered_by__in=["check", "judge"])),
        ]

    def __str__(self) -> str:
        return self.slug
