"""PostgreSQL, Redis and separate Celery workers: the same rows as embedded, and a broker that is away for a while costs nothing."""

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from tests import services
from tests.studio.installation import Installation, digests, kill_tree, until

EPISODES = 300
ARGUMENTS = ("--episodes", str(EPISODES), "--seed", "7", "--slips", "0.15")
OUTAGE = 20.0


class RedisServer:
    """A Redis server of this test, on a port of its own, that can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        if not shutil.which("redis-server"):
            services.refuse_or_skip(services.MissingServiceError("there is no redis-server"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """As ``CELERY_BROKER_URL`` takes it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, empty: what it held before is gone."""
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--save", "", "--appendonly", "no", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
        )
        until(self._answers, 10)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def stop(self) -> None:
        """Stop without saving anything."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis server for one test."""
    server = RedisServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def place(studio_environment: dict[str, str], fresh_postgres_url: str, redis_server: RedisServer) -> Installation:
    """An installation on PostgreSQL and Redis."""
    return Installation({**studio_environment, "DATABASE_URL": fresh_postgres_url, "CELERY_BROKER_URL": redis_server.url})


@contextlib.contextmanager
def two_workers(place: Installation) -> Iterator[None]:
    """Two Celery worker processes; their logs go to the data folder."""
    workers = [place.start("worker", "--concurrency", "1", STUDIO_SLICE_SECONDS="6") for _ in range(2)]
    try:
        yield
    finally:
        for worker in workers:
            kill_tree(worker.pid)
            worker.communicate()


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.redis
def test_two_workers_keep_the_same_rows_as_embedded_while_redis_is_away(
    place: Installation, redis_server: RedisServer, studio_environment: dict[str, str], tmp_path: Path
) -> None:
    with two_workers(place):
        process = place.start("synthesize", *ARGUMENTS, "--json")
        until(lambda: place.counts().get("judged", 0) >= 10)
        redis_server.stop()
        sleep(OUTAGE)
        redis_server.start()
        _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    apart = place.synthesize("--resume", "1")
    assert place.damage() == []
    who: list[str] = place.ask(
        "from synthesis.models import Slice\nprint(json.dumps(list(Slice.objects.values_list('worker', flat=True))))"
    )
    assert len({name for name in who if name}) >= 2

    embedded = Installation({**studio_environment, "STUDIO_DATA": str(tmp_path / "embedded")})
    together = embedded.synthesize(*ARGUMENTS, "--workers", "1")
    assert digests(apart) == digests(together)
    assert apart["kept"] == together["kept"] > 0
