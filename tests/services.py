"""Finds the services that some tests need: PostgreSQL, Redis, RabbitMQ, Chromium.

Each finder gives something of its own to one test process and takes it back afterwards, or says why it cannot. A machine without a
service skips those tests; where ``STUDIO_REQUIRE_SERVICES=1`` stands (build machines), wanting one is a failure.
"""

import contextlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from urllib.parse import quote, urlsplit, urlunsplit

import kombu
import psycopg
import pytest
import redis

REDIS = "redis://127.0.0.1:6379"
RABBITMQ = "amqp://guest:guest@127.0.0.1:5672/"
POSTGRES = tuple(f"postgresql://{user}@127.0.0.1:5432/{name}" for user in ("postgres", "root") for name in ("postgres", "test", "root"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class MissingServiceError(Exception):
    """A service cannot be used. Its text says which and why."""


def refuse_or_skip(missing: MissingServiceError) -> None:
    """Skip the test, or fail it where services are required."""
    if os.environ.get("STUDIO_REQUIRE_SERVICES") == "1":
        pytest.fail(f"STUDIO_REQUIRE_SERVICES=1, but {missing}", pytrace=False)
    pytest.skip(str(missing))


def _administrator() -> psycopg.Connection:
    given = os.environ.get("STUDIO_TEST_POSTGRES")
    reason = "no PostgreSQL answers"
    for url in (given,) if given else POSTGRES:
        try:
            connection = psycopg.connect(url, autocommit=True, connect_timeout=3)
        except psycopg.OperationalError as error:
            reason = f"PostgreSQL cannot be used: {error}".strip()
            continue
        row = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        if row and row[0]:
            return connection
        connection.close()
        reason = f"PostgreSQL's user of {url} may not create databases"
    raise MissingServiceError(reason)


@contextlib.contextmanager
def postgres_database() -> Iterator[str]:
    """A fresh empty database; gives its URL as ``DATABASE_URL`` takes it, and drops it afterwards. Raises MissingServiceError."""
    with contextlib.closing(_administrator()) as admin:
        name = f"studio_test_{secrets.token_hex(6)}"
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8')
        info = admin.info
        try:
            login = quote(info.user) + (f":{quote(info.password)}" if info.password else "")
            yield f"postgres://{login}@{info.host}:{info.port}/{name}"
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextlib.contextmanager
def redis_database() -> Iterator[str]:
    """An empty numbered database of Redis, marked as taken while in use; gives its URL. Raises MissingServiceError."""
    base = os.environ.get("STUDIO_TEST_REDIS", REDIS).rstrip("/")
    for number in range(15, 0, -1):
        client = redis.Redis.from_url(f"{base}/{number}", socket_timeout=3, socket_connect_timeout=3)
        try:
            # The mark lies in database 0, so that a test may flush its own.
            marks = redis.Redis.from_url(f"{base}/0", socket_timeout=3, socket_connect_timeout=3)
            if client.dbsize() or not marks.set(f"studio-test-{number}", os.getpid(), nx=True, ex=3600):
                continue
        except redis.RedisError as error:
            raise MissingServiceError(f"Redis cannot be used: {error}") from error
        try:
            yield f"{base}/{number}"
        finally:
            client.flushdb()
            marks.delete(f"studio-test-{number}")
        return
    raise MissingServiceError("no numbered database of Redis is free")


@contextlib.contextmanager
def rabbitmq_host() -> Iterator[str]:
    """A broker URL: with a virtual host of its own where ``rabbitmqctl`` may make one, else as given. Raises MissingServiceError."""
    base = os.environ.get("STUDIO_TEST_RABBITMQ", RABBITMQ)
    try:
        with kombu.Connection(base, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
    except (OSError, kombu.exceptions.KombuError) as error:
        raise MissingServiceError(f"RabbitMQ cannot be used: {error}") from error
    name = f"studio-test-{secrets.token_hex(6)}"
    if not _rabbitmqctl("add_vhost", name):
        yield base
        return
    try:
        _rabbitmqctl("set_permissions", "-p", name, urlsplit(base).username or "guest", ".*", ".*", ".*")
        yield urlunsplit(urlsplit(base)._replace(path=f"/{name}"))
    finally:
        _rabbitmqctl("delete_vhost", name)


def _rabbitmqctl(*arguments: str) -> bool:
    program = shutil.which("rabbitmqctl")
    if program is None or urlsplit(os.environ.get("STUDIO_TEST_RABBITMQ", RABBITMQ)).hostname != "127.0.0.1":
        return False
    return subprocess.run([program, "-q", *arguments], capture_output=True, stdin=subprocess.DEVNULL, timeout=30).returncode == 0


def browser_program() -> str:
    """The path of Chromium. Raises MissingServiceError."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    raise MissingServiceError("there is no Chromium")
