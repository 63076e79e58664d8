"""Django's entry for this room."""

from django.apps import AppConfig


class JudgingConfig(AppConfig):
    """Deciding what is good."""

    name = "judging"
    verbose_name = "Judging"
    default_auto_field = "django.db.models.BigAutoField"
