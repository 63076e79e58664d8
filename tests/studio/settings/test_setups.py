"""The set-ups as a process of their own sees them: embedded by default, production that refuses what is insecure."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SHOW = """
import django, json, os
from django.conf import settings
django.setup()
names = os.environ["SHOW"].split(",")
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""
SECRET = "k3#" + "abcdefghij" * 6
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "studio.settings.production",
    "STUDIO_SECRET_KEY": SECRET,
    "STUDIO_ALLOWED_HOSTS": "studio.example",
    "DATABASE_URL": "postgres://user@db.example/studio",
    "CELERY_BROKER_URL": "redis://queue.example:6379/0",
}


def start(root: Path, environment: dict[str, str], *names: str) -> subprocess.CompletedProcess[str]:
    """A process that prints settings ``names`` as JSON."""
    return subprocess.run(
        [sys.executable, "-c", SHOW], cwd=root, env={**environment, "SHOW": ",".join(names)}, capture_output=True, text=True, timeout=60
    )


def shown(root: Path, environment: dict[str, str], *names: str) -> dict[str, Any]:
    """The settings; the process must have ended well."""
    done = start(root, environment, *names)
    assert done.returncode == 0, done.stderr
    settings: dict[str, Any] = json.loads(done.stdout)
    return settings


def test_embedded_needs_nothing_from_outside(root: Path, studio_environment: dict[str, str]) -> None:
    data = Path(studio_environment["STUDIO_DATA"])
    first = shown(root, studio_environment, "SECRET_KEY", "DATABASES", "CELERY_BROKER_URL", "CHANNEL_LAYERS", "DEBUG")
    assert first["DATABASES"]["default"]["NAME"] == str(data / "studio.sqlite3")
    assert first["CELERY_BROKER_URL"] == f"sqlite:///{data / 'broker.sqlite3'}"
    assert first["CHANNEL_LAYERS"] == {}
    assert first["DEBUG"] is False
    assert len(first["SECRET_KEY"]) >= 50
    assert (data / "secret_key").stat().st_mode & 0o077 == 0
    assert shown(root, studio_environment, "SECRET_KEY")["SECRET_KEY"] == first["SECRET_KEY"]


def test_services_are_switched_on_one_by_one(root: Path, studio_environment: dict[str, str]) -> None:
    names = ("DATABASES", "CELERY_BROKER_URL", "CHANNEL_LAYERS", "CELERY_BROKER_TRANSPORT", "CELERY_BROKER_TRANSPORT_OPTIONS")
    only_database = shown(root, {**studio_environment, "DATABASE_URL": "postgres://u@h/n"}, *names)
    assert only_database["DATABASES"]["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert only_database["CELERY_BROKER_URL"].startswith("sqlite:")
    only_broker = shown(root, {**studio_environment, "CELERY_BROKER_URL": "redis://h:6379/1"}, *names)
    assert only_broker["CELERY_BROKER_TRANSPORT"] is None
    assert only_broker["CELERY_BROKER_TRANSPORT_OPTIONS"]["socket_timeout"] == 2
    assert only_broker["DATABASES"]["default"]["ENGINE"] == "django.db.backends.sqlite3"
    only_layer = shown(root, {**studio_environment, "CHANNEL_LAYER_URL": "redis://h:6379/2"}, *names)
    assert only_layer["CHANNEL_LAYERS"]["default"]["CONFIG"] == {"hosts": ["redis://h:6379/2"]}


def test_celery_relies_on_no_broker(root: Path, studio_environment: dict[str, str]) -> None:
    settings = shown(
        root,
        studio_environment,
        "CELERY_TASK_ACKS_LATE",
        "CELERY_TASK_IGNORE_RESULT",
        "CELERY_RESULT_BACKEND",
        "CELERY_WORKER_PREFETCH_MULTIPLIER",
        "CELERY_WORKER_ENABLE_REMOTE_CONTROL",
        "CELERY_TASK_CREATE_MISSING_QUEUES",
        "CELERY_ACCEPT_CONTENT",
        "CELERY_TASK_QUEUES",
    )
    assert list(settings.values())[:-1] == [False, True, None, 1, False, False, ["json"]]
    assert set(settings["CELERY_TASK_QUEUES"]) == {"simulate", "judge", "author", "export", "tick"}


def test_an_unusable_data_folder_is_one_sentence(root: Path, studio_environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = start(root, {**studio_environment, "STUDIO_DATA": str(tmp_path / "file" / "data")}, "DEBUG")
    assert done.returncode != 0
    assert "cannot be used" in done.stderr.splitlines()[-1]
    assert "STUDIO_DATA" in done.stderr.splitlines()[-1]


def test_production_starts_when_everything_is_named(root: Path, studio_environment: dict[str, str]) -> None:
    settings = shown(
        root, {**studio_environment, **PRODUCTION}, "ALLOWED_HOSTS", "DEBUG", "SESSION_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "SECRET_KEY"
    )
    assert settings == {
        "ALLOWED_HOSTS": ["studio.example"],
        "DEBUG": False,
        "SESSION_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECRET_KEY": SECRET,
    }


def test_only_a_proxy_is_believed_that_a_request_came_by_https(root: Path, studio_environment: dict[str, str]) -> None:
    alone = shown(root, {**studio_environment, **PRODUCTION}, "SECURE_PROXY_SSL_HEADER")
    behind = shown(root, {**studio_environment, **PRODUCTION, "STUDIO_PROXY_COUNT": "1"}, "SECURE_PROXY_SSL_HEADER")
    assert (alone["SECURE_PROXY_SSL_HEADER"], behind["SECURE_PROXY_SSL_HEADER"]) == (None, ["HTTP_X_FORWARDED_PROTO", "https"])


def test_the_database_is_not_waited_for_without_end(root: Path, studio_environment: dict[str, str]) -> None:
    def database(**more: str) -> Any:
        return shown(root, {**studio_environment, **PRODUCTION, **more}, "DATABASES")["DATABASES"]["default"]

    plain = database()
    assert plain["CONN_MAX_AGE"] == 0
    assert plain["OPTIONS"]["options"] == "-c statement_timeout=30000 -c lock_timeout=5000"
    assert "pool" not in plain["OPTIONS"]
    assert database(STUDIO_DATABASE_POOL="4")["OPTIONS"]["pool"] == {"min_size": 1, "max_size": 4, "timeout": 5}
    assert "pool" not in shown(root, {**studio_environment, "STUDIO_DATABASE_POOL": "4"}, "DATABASES")["DATABASES"]["default"]["OPTIONS"]


def test_the_embedded_setup_takes_no_wildcards_either(root: Path, studio_environment: dict[str, str]) -> None:
    more = shown(root, {**studio_environment, "STUDIO_ALLOWED_HOSTS": "studio.home"}, "ALLOWED_HOSTS")
    assert more["ALLOWED_HOSTS"][-1] == "studio.home"
    assert start(root, {**studio_environment, "STUDIO_ALLOWED_HOSTS": "*"}, "DEBUG").returncode != 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STUDIO_SECRET_KEY", ""),
        ("STUDIO_SECRET_KEY", "short"),
        ("STUDIO_SECRET_KEY", "a" * 60),
        ("STUDIO_SECRET_KEY", "django-insecure-" + SECRET),
        ("STUDIO_ALLOWED_HOSTS", ""),
        ("STUDIO_ALLOWED_HOSTS", "*"),
        ("STUDIO_ALLOWED_HOSTS", ".example"),
        ("DATABASE_URL", ""),
        ("CELERY_BROKER_URL", ""),
    ],
)
def test_production_refuses(root: Path, studio_environment: dict[str, str], name: str, value: str) -> None:
    done = start(root, {**studio_environment, **PRODUCTION, name: value}, "DEBUG")
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].startswith(f"django.core.exceptions.ImproperlyConfigured: {name}:")


def test_json_logs_carry_what_was_bound(root: Path, studio_environment: dict[str, str]) -> None:
    program = (
        "import django; django.setup()\n"
        "import logging, structlog\n"
        "structlog.contextvars.bind_contextvars(run=7)\n"
        "logging.getLogger('studio.x').warning('lease lost', extra={'episode': 3})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env={**studio_environment, "STUDIO_LOG_FORMAT": "json"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == ""
    line = json.loads(done.stderr)
    assert {key: line[key] for key in ("event", "level", "logger", "run", "episode")} == {
        "event": "lease lost",
        "level": "warning",
        "logger": "studio.x",
        "run": 7,
        "episode": 3,
    }
