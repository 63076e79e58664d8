"""The Celery application: it is the current one, knows every task, and every task has a queue."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from celery._state import get_current_app
from django.conf import settings

import studio.workers
from studio.celery import app

SCHEDULE: dict[str, dict[str, Any]] = settings.CELERY_BEAT_SCHEDULE


def test_it_is_the_current_application() -> None:
    assert get_current_app() is app
    assert app.conf.task_create_missing_queues is False
    assert app.conf.worker_prefetch_multiplier == 1


def test_a_worker_knows_the_tasks_of_every_module() -> None:
    app.loader.import_default_modules()
    ours = {name.rsplit(".", 1)[0] for name in app.tasks if name.startswith("studio.")}
    assert ours == {module.name for module in iter_modules(studio.workers.__path__, "studio.workers.")}


def test_what_is_scheduled_and_what_is_enqueued_exists() -> None:
    app.loader.import_default_modules()
    enqueued = {value for value in vars(import_module("studio.queue")).values() if isinstance(value, str) and value.startswith("studio.w")}
    scheduled = {entry["task"] for entry in SCHEDULE.values()}
    assert enqueued
    assert scheduled | enqueued <= set(app.tasks)
    assert {entry["options"]["queue"] for entry in SCHEDULE.values()} <= set(settings.CELERY_TASK_QUEUES)
