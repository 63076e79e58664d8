"""The embedded broker: order, one delivery each, several processes at once, awkward folders, nothing left behind."""

import multiprocessing
import queue
import sqlite3
from pathlib import Path
from urllib.parse import quote

import kombu
import pytest

OPTIONS = {"polling_interval": 0.02}


def connect(path: Path) -> kombu.Connection:
    """A connection as Celery makes it."""
    return kombu.Connection(
        f"sqlite:///{quote(str(path))}", transport="studio.settings.embedded_broker:Transport", transport_options=OPTIONS
    )


def put(path: Path, first: int, count: int) -> None:
    """Publish ``count`` numbers from ``first`` on."""
    with connect(path) as connection, connection.SimpleQueue("simulate") as simple:
        for number in range(first, first + count):
            simple.put({"number": number})


def take(path: Path, found: "multiprocessing.Queue[int]", idle: float) -> None:
    """Take numbers until none came for ``idle`` seconds."""
    with connect(path) as connection, connection.SimpleQueue("simulate") as simple:
        while True:
            try:
                message = simple.get(timeout=idle)
            except queue.Empty:
                return
            message.ack()
            found.put(message.payload["number"])


@pytest.mark.parametrize("folder", ["plain", "with blank", "per%20cent", "semi;colon", "a+b"])
def test_messages_come_once_and_in_order(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "broker.sqlite3"
    path.parent.mkdir()
    put(path, 0, 20)
    assert path.exists()
    with connect(path) as connection, connection.SimpleQueue("simulate") as simple:
        taken = []
        for _ in range(20):
            message = simple.get(timeout=5)
            message.ack()
            taken.append(message.payload["number"])
        with pytest.raises(queue.Empty):
            simple.get(timeout=0.1)
    assert taken == list(range(20))


def test_what_was_delivered_is_deleted(tmp_path: Path) -> None:
    path = tmp_path / "broker.sqlite3"
    put(path, 0, 5)
    found: multiprocessing.Queue[int] = multiprocessing.get_context("spawn").Queue()
    take(path, found, 0.1)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM kombu_message").fetchone() == (0,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_processes_share_without_loss_or_double(tmp_path: Path) -> None:
    path = tmp_path / "broker.sqlite3"
    context = multiprocessing.get_context("spawn")
    found: multiprocessing.Queue[int] = context.Queue()
    put(path, 0, 1)
    writers = [context.Process(target=put, args=(path, 1 + 100 * n, 100)) for n in range(2)]
    readers = [context.Process(target=take, args=(path, found, 2.0)) for _ in range(2)]
    for process in (*writers, *readers):
        process.start()
    taken = [found.get(timeout=30) for _ in range(201)]
    for process in (*writers, *readers):
        process.join(timeout=30)
        assert process.exitcode == 0
    assert sorted(taken) == list(range(201))
    with pytest.raises(queue.Empty):
        found.get(timeout=0.1)
