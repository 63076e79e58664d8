"""Enqueuing: after commit, by name, and never an obstacle."""

from typing import Any

import pytest
from celery import current_app
from django.db import transaction
from django.utils import timezone

from studio import broadcast, queue
from synthesis.models import Slice
from synthesis.services.leases import slice_ask
from tests.builders_runs import LEASE, a_run, install

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked() -> int:
    """A slice that was asked for."""
    install()
    return slice_ask(run_id=a_run(1).pk, patience=LEASE, now=timezone.now())


def waiting(name: str) -> list[Any]:
    """Arguments of the messages that wait in a queue of the suite's in-memory broker."""
    found = []
    with current_app.connection_for_read() as connection:
        simple = connection.SimpleQueue(name)
        while simple.qsize():
            message = simple.get_nowait()
            found.append((message.headers["task"], message.payload[0]))
            message.ack()
    return found


def test_a_slice_is_enqueued_after_commit_by_name_and_id(asked: int) -> None:
    waiting("simulate")
    with transaction.atomic():
        queue.slice_enqueue(asked)
        assert waiting("simulate") == []
    assert waiting("simulate") == [(queue.SLICE, [asked])]


def test_nothing_is_enqueued_when_the_transaction_is_rolled_back(asked: int) -> None:
    waiting("export")
    with pytest.raises(RuntimeError), transaction.atomic():
        queue.export_enqueue(7)
        raise RuntimeError
    assert waiting("export") == []


def test_without_a_broker_the_asking_is_taken_back_and_the_caller_goes_on(asked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError("no broker")

    monkeypatch.setattr(current_app, "send_task", refuse)
    queue.slice_enqueue(asked)
    assert Slice.objects.get(pk=asked).status == "over"


def test_hints_go_out_after_commit() -> None:
    before = broadcast.HINTS["run"]
    with transaction.atomic():
        broadcast.hint("run:7")
        assert broadcast.HINTS["run"] == before
    assert broadcast.HINTS["run"] == before + 1
