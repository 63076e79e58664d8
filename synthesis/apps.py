"""Django's entry for this room."""

from django.apps import AppConfig


class SynthesisConfig(AppConfig):
    """Making trajectories."""

    name = "synthesis"
    verbose_name = "Making trajectories"
    default_auto_field = "django.db.models.BigAutoField"
