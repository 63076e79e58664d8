"""Django's entry for this room."""

from importlib import import_module

from django.apps import AppConfig


class StudioConfig(AppConfig):
    """Wiring and doors."""

    name = "studio"
    verbose_name = "Studio"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make our Celery application the current one, so that ``studio.queue`` publishes with our settings."""
        import_module("studio.celery")
