"""What all set-ups share. Celery's settings and their measured reasons: docs/decisions and docs/settings.md."""

import os
from pathlib import Path
from typing import Any

from studio.settings import environment
from studio.settings.api import *  # noqa: F403 - settings build on one another
from studio.settings.web import *  # noqa: F403 - settings build on one another

BASE_DIR = Path(__file__).resolve().parents[2]
STUDIO_DATA = environment.folder("STUDIO_DATA", BASE_DIR / "var", "var/ in the repository")

DEBUG = False
DEFAULT_EXCEPTION_REPORTER_FILTER = "studio.web.reports.WithoutValues"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "csp",
    "django_celery_beat",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "synthesis",
    "judging",
    "studio",
]
MIDDLEWARE = [
    "studio.web.operating.requests.RequestMiddleware",
    "studio.web.operating.probes.ProbesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "studio.web.static_files.StaticMiddleware",
    "csp.middleware.CSPMiddleware",
    "studio.web.middleware.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "studio.urls"
ASGI_APPLICATION = "studio.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

DATABASES: dict[str, dict[str, Any]] = {
    "default": environment.database("DATABASE_URL", STUDIO_DATA / "studio.sqlite3", "SQLite under STUDIO_DATA")
}
STUDIO_DATABASE_POOL = environment.number("STUDIO_DATABASE_POOL", 0, 0, 100)
if STUDIO_DATABASE_POOL and DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # For the web server alone: Celery closes the pool at every task. Whoever finds it empty waits 5 s.
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": STUDIO_DATABASE_POOL, "timeout": 5}

CHANNEL_LAYER_URL = environment.text("CHANNEL_LAYER_URL")
CHANNEL_LAYERS: dict[str, dict[str, Any]] = (
    {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [CHANNEL_LAYER_URL]}}}
    if CHANNEL_LAYER_URL
    else {}
)

# Slices, leases and the tick.
STUDIO_SLICE_WIDTH = environment.number("STUDIO_SLICE_WIDTH", 64, 1, 1024)
STUDIO_SLICE_SECONDS = environment.number("STUDIO_SLICE_SECONDS", 120, 1, 3600)
STUDIO_LEASE_SECONDS = environment.number("STUDIO_LEASE_SECONDS", 30, 2, 3600)
STUDIO_HEARTBEAT_SECONDS = environment.number("STUDIO_HEARTBEAT_SECONDS", 10, 1, 1200)
STUDIO_POISON_LIMIT = environment.number("STUDIO_POISON_LIMIT", 5, 1, 100)
STUDIO_TICK_SECONDS = environment.number("STUDIO_TICK_SECONDS", 5, 1, 300)
STUDIO_WORKERS = environment.number("STUDIO_WORKERS", min(os.cpu_count() or 1, 8), 1, 256)

# Celery: one task is one slice, see studio/workers. Nothing here relies on a broker to redeliver a killed worker's work.
CELERY_BROKER_URL = environment.broker("CELERY_BROKER_URL", STUDIO_DATA / "broker.sqlite3", "SQLite under STUDIO_DATA")
CELERY_TASK_DEFAULT_QUEUE = "simulate"
CELERY_TASK_QUEUES = {name: {"exchange": name, "routing_key": name} for name in ("simulate", "judge", "author", "export", "tick")}
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_BACKEND = None
CELERY_EVENT_SERIALIZER = "json"
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
CELERY_TASK_SOFT_TIME_LIMIT = STUDIO_SLICE_SECONDS + 180
CELERY_TASK_TIME_LIMIT = STUDIO_SLICE_SECONDS + 240
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.2, "interval_step": 0.2, "interval_max": 0.5}
CELERY_WORKER_CONCURRENCY = STUDIO_WORKERS
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "tick": {
        "task": "studio.workers.tick.tick",
        "schedule": STUDIO_TICK_SECONDS,
        # A tick that waited is worth nothing: the next one sees the same.
        "options": {"queue": "tick", "expires": 2 * STUDIO_TICK_SECONDS},
    }
}

CELERY_BROKER_TRANSPORT: str | None = None
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {}
if CELERY_BROKER_URL.startswith("sqlite:"):
    CELERY_BROKER_TRANSPORT = "studio.settings.embedded_broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.1}
elif CELERY_BROKER_URL.startswith(("redis:", "rediss:")):
    # Publishing to a broker that swallows packets would otherwise hold a request for over a minute.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 2, "socket_connect_timeout": 2, "visibility_timeout": 3600}

# Keys of model endpoints at rest: the newest first; with a file, what it holds counts too (studio/pipelines/keys.py).
STUDIO_ENCRYPTION_KEYS = environment.words("STUDIO_ENCRYPTION_KEYS")
STUDIO_ENCRYPTION_KEY_FILE: Path | None = None
# Beside public hosts over https (synthesis/engine/outgoing.py).
STUDIO_OUTGOING_ALLOWED = environment.places("STUDIO_OUTGOING_ALLOWED")
# Default prompts, one text a file; a name is in one folder only (synthesis/selectors/prompts.py).
STUDIO_PROMPT_FOLDERS = [BASE_DIR / room / "catalog" / "prompts" for room in ("synthesis", "judging")]

STUDIO_METRICS_TOKEN = environment.text("STUDIO_METRICS_TOKEN")

# Logs go to standard error: standard output belongs to the command.
STUDIO_LOG_LEVEL = environment.choice("STUDIO_LOG_LEVEL", "WARNING", "DEBUG", "INFO", "WARNING", "ERROR")
STUDIO_LOG_FORMAT = environment.choice("STUDIO_LOG_FORMAT", "text", "text", "json")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "studio.settings.logs.text_formatter"},
        "json": {"()": "studio.settings.logs.json_formatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": STUDIO_LOG_FORMAT}},
    # uvicorn brings handlers of its own, which know neither our format nor what must not be logged; its line for each request holds the
    # address, and addresses may hold one-time links.
    "loggers": {
        "uvicorn": {"handlers": [], "propagate": True, "level": "WARNING"},
        "uvicorn.access": {"handlers": [], "propagate": False},
        # Every page that is not there and every form that is refused would be a warning; studio.requests tells of them.
        "django.request": {"level": "ERROR"},
        # Whoever scans the network names hosts of their own; the answer is 400 and no fault of ours.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
    "root": {"handlers": ["stderr"], "level": STUDIO_LOG_LEVEL},
}
