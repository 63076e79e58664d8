"""Scenarios: concrete tasks."""

from django.db import models
from django.db.models import Q

from synthesis.models.fields import ExactJSONField
from synthesis.models.release import Release


class Scenario(models.Model):
    """A row is one concrete task with its truth, named by its digest: two runs that meet the same task share the row.

    ``body`` is the engine's ``scenarios.scenario.Scenario``; the other columns are for lists and filters.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="scenarios")
    variation = models.CharField(max_length=24)
    intents = models.JSONField(default=list)
    difficulty = models.PositiveSmallIntegerField()
    measured = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Difficulty 1-5 after what models made of it; null while none has played it."
    )
    body = ExactJSONField()
    quarantined = models.BooleanField(default=False, help_text="It did not discriminate between right and wrong plays.")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="scenario_difficulty_1_to_5", condition=Q(difficulty__gte=1, difficulty__lte=5)),
            models.CheckConstraint(
                name="scenario_measured_1_to_5", condition=Q(measured__isnull=True) | Q(measured__gte=1, measured__lte=5)
            ),
        ]
        indexes = [
            # The coverage map: scenarios by release and variation.
            models.Index(fields=["release", "variation"], name="scenario_by_variation"),
            # The list of scenarios: newest first.
            models.Index(fields=["-created", "-digest"], name="scenario_by_age"),
        ]

    def __str__(self) -> str:
        return self.digest[:12]
