"""The services that tests ask for really serve, or say why they do not."""

import kombu
import psycopg
import pytest
import redis

from tests import services


@pytest.mark.postgres
def test_postgres_gives_an_empty_database_of_its_own(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        name = connection.info.dbname
    assert tables == (0,)
    assert name.startswith("studio_test_")


@pytest.mark.postgres
def test_a_postgres_database_is_gone_afterwards(postgres_url: str) -> None:
    with services.postgres_database() as url:
        assert url != postgres_url
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


@pytest.mark.redis
def test_two_redis_databases_are_apart(redis_url: str) -> None:
    redis.Redis.from_url(redis_url).set("mark", 1)
    with services.redis_database() as other:
        assert other != redis_url
        assert redis.Redis.from_url(other).get("mark") is None


@pytest.mark.rabbitmq
def test_rabbitmq_carries_a_message(rabbitmq_url: str) -> None:
    with (
        kombu.Connection(rabbitmq_url) as connection,
        connection.SimpleQueue("studio-test-probe", queue_opts={"auto_delete": True}) as queue,
    ):
        queue.put({"number": 7})
        message = queue.get(timeout=10)
        message.ack()
    assert message.payload == {"number": 7}


def test_a_missing_service_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STUDIO_REQUIRE_SERVICES", raising=False)
    monkeypatch.setenv("STUDIO_TEST_POSTGRES", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(services.MissingServiceError, match="cannot be used") as missing, services.postgres_database():
        pass
    with pytest.raises(pytest.skip.Exception, match="cannot be used"):
        services.refuse_or_skip(missing.value)


def test_a_required_service_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_REQUIRE_SERVICES", "1")
    with pytest.raises(pytest.fail.Exception, match="STUDIO_REQUIRE_SERVICES=1, but there is none"):
        services.refuse_or_skip(services.MissingServiceError("there is none"))


def test_a_missing_redis_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_TEST_REDIS", "redis://127.0.0.1:1")
    with pytest.raises(services.MissingServiceError, match="Redis cannot be used"), services.redis_database():
        pass


def test_a_missing_rabbitmq_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:1/")
    with pytest.raises(services.MissingServiceError, match="RabbitMQ cannot be used"), services.rabbitmq_host():
        pass
