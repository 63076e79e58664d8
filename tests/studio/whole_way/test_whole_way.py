"""The steps, gone embedded, and in production's settings with PostgreSQL, Redis and every process apart."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from studio.management.commands.serve import HOME_QUEUES
from studio.management.commands.worker import QUEUES
from tests.studio.installation import Installation, kill_tree
from tests.studio.serving import Served, free_port
from tests.studio.whole_way.steps import STEPS, Way
from tests.studio.whole_way.visitor import Visitor

HOST = "studio.example"
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "studio.settings.production",
    "STUDIO_SECRET_KEY": "k3#" + "abcdefghij" * 6,
    "STUDIO_ALLOWED_HOSTS": HOST,
    "STUDIO_PROXY_COUNT": "1",
    "STUDIO_LOG_FORMAT": "json",
}


def go(way: Way) -> None:
    """Every step, in order."""
    for step in STEPS:
        step(way)


@pytest.mark.slow
def test_embedded(studio_environment: dict[str, str]) -> None:
    home = Installation(studio_environment, "vet_clinic")
    home.finish("install_catalog")
    served = Served(home, "--no-demo")
    try:
        go(Way(Visitor(served.url), served.link.removeprefix(served.url)))
    finally:
        code, err = served.end()
    assert (code, err.strip()) == (0, "Stopping ...")


@contextlib.contextmanager
def apart(home: Installation) -> Iterator[str]:
    """Web server, worker, tick's worker and beat as processes of their own; gives the web server's address. Their logs must be free of
    errors.
    """
    port = free_port()
    logs = {name: home.data / f"{name}.log" for name in ("web", "worker", "ticker", "beat")}
    commands = {
        "web": ("web", "--port", str(port)),
        "worker": ("worker", "--concurrency", "1", "--queues", ",".join(QUEUES)),
        "ticker": ("worker", "--concurrency", "1", "--queues", "tick"),
        "beat": ("beat",),
    }
    processes = [started(home, logs[name], *command) for name, command in commands.items()]
    try:
        deadline = monotonic() + 60
        while True:
            with contextlib.suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                assert answer.status == 200
                break
            assert monotonic() < deadline, logs["web"].read_text()
            sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                kill_tree(process.pid)
    wrong = [line for log in logs.values() for line in log.read_text().splitlines() if '"level": "error"' in line or "Traceback" in line]
    assert wrong == []


def started(home: Installation, log: Path, *arguments: str) -> "subprocess.Popen[str]":
    """A management command whose output goes to a file: nobody reads along."""
    with log.open("w") as file:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            env=home.environment,
            cwd=Path(__file__).parents[3],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.redis
def test_every_process_apart(studio_environment: dict[str, str], fresh_postgres_url: str, redis_url: str) -> None:
    services = {"DATABASE_URL": fresh_postgres_url, "CELERY_BROKER_URL": redis_url, "CHANNEL_LAYER_URL": redis_url}
    home = Installation({**studio_environment, **PRODUCTION, **services, "STUDIO_DATABASE_POOL": "4"}, "vet_clinic")
    home.finish("install_catalog")
    link, _ = home.finish("first_owner", "--url", f"https://{HOST}")
    home.data.mkdir(parents=True, exist_ok=True)
    with apart(home) as address:
        go(Way(Visitor(address, f"https://{HOST}"), link.strip().removeprefix(f"https://{HOST}")))


def test_every_queue_is_taken_in_both_setups() -> None:
    assert set(QUEUES) - {"simulate"} == set(HOME_QUEUES), "runs are played by crews where there is no broker"
