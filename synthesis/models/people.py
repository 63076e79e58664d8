"""Personas and agent profiles: who may be cast."""

from django.db import models
from django.db.models import Q

from synthesis.models.fields import ExactJSONField


class Origin(models.TextChoices):
    """Where a persona or an agent profile comes from: the starter catalogue, a person, the agent factory, or a model."""

    STARTER = "starter"
    AUTHORED = "authored"
    SAMPLED = "sampled"
    EVOLVED = "evolved"


class Persona(models.Model):
    """A row is one simulated user's character.

    ``profile`` is the engine's ``cast.Persona``; the other columns are for lists and filters.
    """

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=8)
    formality = models.CharField(max_length=10)
    brevity = models.CharField(max_length=10)
    mood = models.CharField(max_length=10)
    patience = models.PositiveSmallIntegerField()
    expertise = models.PositiveSmallIntegerField()
    profile = ExactJSONField()
    active = models.BooleanField(default=True, help_text="Only active ones are cast in new runs.")
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.STARTER)
    edited = models.DateTimeField(null=True, blank=True, help_text="When somebody changed it; its starter file then leaves it alone.")

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(name="persona_patience_1_to_5", condition=Q(patience__gte=1, patience__lte=5)),
            models.CheckConstraint(name="persona_expertise_1_to_5", condition=Q(expertise__gte=1, expertise__lte=5)),
            models.CheckConstraint(name="persona_origin_known", condition=Q(origin__in=Origin.values)),
        ]

    def __str__(self) -> str:
        return self.slug


class AgentProfile(models.Model):
    """A row is one agent's character.

    ``profile`` is the engine's ``cast.AgentProfile``; episodes keep a copy of what they were played with.
    """

    slug = models.SlugField(max_length=80, unique=True)
    role = models.CharField(max_length=200)
    tone = models.CharField(max_length=10)
    profile = ExactJSONField()
    active = models.BooleanField(default=True, help_text="Only active ones are cast in new runs.")
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.STARTER)
    edited = models.DateTimeField(null=True, blank=True, help_text="When somebody changed it; its starter file then leaves it alone.")

    class Meta:
        ordering = ["slug"]
        constraints = [models.CheckConstraint(name="agent_origin_known", condition=Q(origin__in=Origin.values))]

    def __str__(self) -> str:
        return self.slug
