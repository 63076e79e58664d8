"""Fixtures of the whole suite: services that a machine may or may not have, and subprocesses with a clean environment."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import services

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of an empty PostgreSQL database of this process, as ``DATABASE_URL`` takes it."""
    try:
        with services.postgres_database() as url:
            yield url
    except services.MissingServiceError as missing:
        services.refuse_or_skip(missing)


@pytest.fixture
def fresh_postgres_url() -> Iterator[str]:
    """The same for one test alone."""
    try:
        with services.postgres_database() as url:
            yield url
    except services.MissingServiceError as missing:
        services.refuse_or_skip(missing)


@pytest.fixture
def redis_url() -> Iterator[str]:
    """URL of an empty numbered Redis database of this test."""
    try:
        with services.redis_database() as url:
            yield url
    except services.MissingServiceError as missing:
        services.refuse_or_skip(missing)


@pytest.fixture
def rabbitmq_url() -> Iterator[str]:
    """URL of a RabbitMQ virtual host of this test."""
    try:
        with services.rabbitmq_host() as url:
            yield url
    except services.MissingServiceError as missing:
        services.refuse_or_skip(missing)


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    """Path of Chromium."""
    try:
        yield services.browser_program()
    except services.MissingServiceError as missing:
        services.refuse_or_skip(missing)


@pytest.fixture
def studio_environment(tmp_path: Path) -> dict[str, str]:
    """An environment for subprocesses: embedded settings, a data folder of this test, nothing of ours from outside."""
    ours = ("STUDIO_", "DATABASE_URL", "CELERY_", "CHANNEL_", "DJANGO_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "DJANGO_SETTINGS_MODULE": "studio.settings.embedded", "STUDIO_DATA": str(tmp_path / "data")}


@pytest.fixture
def no_memory_of_packs() -> Iterator[None]:
    """End the sandboxes of pages before and after a test that plants texts in packs: they know packs by digests, which planting leaves."""
    from synthesis.services.desk import desk

    desk().close()
    yield
    desk().close()
