"""The workers' entry: ``celery -A studio.celery worker -Q simulate``. Settings: ``CELERY_*`` in studio/settings/base.py."""

import os
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from celery import Celery
from celery.signals import import_modules

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings.embedded")

app = Celery("studio")
app.config_from_object("django.conf:settings", namespace="CELERY")


@import_modules.connect(sender=app, weak=False)
def import_tasks(**_: Any) -> None:
    """Know every task: one module per kind of work in studio/workers."""
    workers = import_module("studio.workers")
    for module in iter_modules(workers.__path__, "studio.workers."):
        import_module(module.name)
