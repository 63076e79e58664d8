"""Personas and agent profiles: who may be cast."""

from django.db import models

from synthesis.models.fields import ExactJSONField


class Persona(models.Model):
    """A row is one simulated user's character.

    ``profile`` is the engine's ``cast.Persona``; the other columns are for lists and filters.
    """

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=8)
    profile = ExactJSONField()
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class AgentProfile(models.Model):
    """A row is one agent's character.

    ``profile`` is the engine's ``cast.AgentProfile``; episodes keep a copy of what they were played with.
    """

    slug = models.SlugField(max_length=80, unique=True)
    role = models.CharField(max_length=200)
    profile = ExactJSONField()
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug
