"""What a run needs next: asked for as often as one likes, done once."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone

from studio.pipelines.advance import advance, export, tick
from synthesis.models import Episode, Run, Slice
from synthesis.services.runs import run_pause
from tests.builders_runs import a_run, a_slice, install

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What was sent to the broker: (task, arguments)."""
    messages: list[tuple[str, Any]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: messages.append((name, args)))
    return messages


@pytest.fixture
def run() -> Run:
    """A run of two episodes, two slices at a time."""
    install()
    return a_run(2, concurrency=2)


def test_missing_slices_are_asked_for_once(run: Run, sent: list[tuple[str, Any]]) -> None:
    assert advance(run_id=run.pk) == "running"
    assert advance(run_id=run.pk) == "running"
    ids = list(Slice.objects.values_list("pk", flat=True))
    assert sent == [("studio.workers.simulate.play_slice", (slice_id,)) for slice_id in sorted(ids)] and len(ids) == 2


def test_a_slice_that_nobody_took_in_time_is_asked_for_again(run: Run, sent: list[tuple[str, Any]]) -> None:
    advance(run_id=run.pk)
    Slice.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert tick() == [run.pk]
    assert len(sent) == 4 and Slice.objects.filter(status="over").count() == 2


def test_slices_at_work_count(run: Run, sent: list[tuple[str, Any]]) -> None:
    a_slice(run)
    advance(run_id=run.pk)
    assert len(sent) == 1


def test_where_somebody_plays_already_nothing_is_sent(run: Run, sent: list[tuple[str, Any]]) -> None:
    assert advance(run_id=run.pk, workers_elsewhere=False) == "running"
    assert sent == []


def test_a_run_without_open_episodes_is_closed(run: Run, sent: list[tuple[str, Any]]) -> None:
    Episode.objects.update(status="unfilled")
    assert [advance(run_id=run.pk) for _ in range(2)] == ["finished", "finished"]
    assert sent == [] and tick() == []


def test_a_run_that_wants_its_files_written_by_workers_gets_them(run: Run, sent: list[tuple[str, Any]]) -> None:
    Run.objects.update(options={"export": True})
    Episode.objects.update(status="unfilled")
    advance(run_id=run.pk)
    assert sent == [("studio.workers.export.export_run", (run.pk,))]
    assert set(export(run_id=run.pk)) == {"openai", "trajectories"}


def test_a_run_that_is_not_running_is_left_alone(run: Run, sent: list[tuple[str, Any]]) -> None:
    assert export(run_id=run.pk) == {}
    run_pause(run_id=run.pk)
    assert advance(run_id=run.pk) == "paused" and advance(run_id=999) == "gone" and tick() == []
    assert sent == []


def test_the_tick_brings_counts_up_to_date(run: Run, sent: list[tuple[str, Any]]) -> None:
    Episode.objects.filter(index=0).update(status="failed")
    tick()
    assert Run.objects.get().counts["failed"] == 1
