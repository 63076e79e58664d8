"""Asking for files, waiting for them, downloading them."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import AsyncClient
from django.utils import timezone

from judging.models import ExportJob
from judging.services.datasets import dataset_build
from judging.services.export_jobs import MOST_ATTEMPTS, export_job_done, export_job_failed, export_job_take
from studio.models import AuditEntry
from studio.pipelines import exports
from studio.pipelines.hands import hands
from synthesis.models import Event, Run
from tests.studio.api.conftest import Caller


def asked(caller: Caller, run: Run, **more: Any) -> Any:
    return caller.post("/api/v1/exports/", {"run": run.pk, "duplicates": True, **more})


def test_from_asking_to_the_file(owner_calls: Caller, judged: Run) -> None:
    response = asked(owner_calls, judged, formats=["openai", "trajectories"])
    assert response.status_code == 202, response.content
    place = response["Location"]
    assert owner_calls.get(place).json() == response.json()
    assert response.json()["status"] == "queued" and response.json()["files"] == []
    assert exports.export_job_run(job_id=response.json()["id"]) == "done"
    told = owner_calls.get(place).json()
    assert (told["status"], told["kept"], [file["format"] for file in told["files"]]) == ("done", 2, ["openai", "trajectories"])
    for file in told["files"]:
        got = owner_calls.get(file["url"])
        content = b"".join(got.streaming_content)
        assert got["Content-Disposition"] == f'attachment; filename="run-{judged.pk}-{file["format"]}.jsonl"'
        assert hashlib.sha256(content).hexdigest() == file["sha256"] == got["ETag"].strip('"')
        assert len([json.loads(line) for line in content.splitlines()]) == file["rows"] == 2
        assert owner_calls.get(file["url"], **{"If-None-Match": got["ETag"]}).status_code == 304
    assert AuditEntry.objects.get(action="datasets.export").object_id == str(told["id"])


def test_duplicates_and_threshold_are_gates(owner_calls: Caller, judged: Run) -> None:
    job = owner_calls.post("/api/v1/exports/", {"run": judged.pk}).json()["id"]
    exports.export_job_run(job_id=job)
    assert owner_calls.get(f"/api/v1/exports/{job}/").json()["kept"] == 1


def test_a_run_under_way_is_not_exported(owner_calls: Caller, judged: Run) -> None:
    Run.objects.filter(pk=judged.pk).update(status="paused")
    assert asked(owner_calls, judged).status_code == 409
    assert owner_calls.post("/api/v1/exports/", {"run": 999999}).json()["errors"] == {"run": ["There is no such run."]}
    assert not ExportJob.objects.exists()


def test_the_same_key_asks_once(owner_calls: Caller, judged: Run) -> None:
    first, again = (owner_calls.post("/api/v1/exports/", {"run": judged.pk}, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json() == again.json()
    assert ExportJob.objects.count() == 1


def test_a_changed_log_fails_the_export_and_says_so(owner_calls: Caller, judged: Run) -> None:
    job = asked(owner_calls, judged).json()["id"]
    Event.objects.filter(kind="message", seq=1).update(payload={"role": "user", "text": "Changed."})
    assert exports.export_job_run(job_id=job) == "failed"
    told = owner_calls.get(f"/api/v1/exports/{job}/").json()
    assert told["status"] == "failed" and "not the one that was judged" in told["error"]
    assert owner_calls.get(f"/api/v1/exports/{job}/files/openai/").status_code == 404


def test_a_job_is_written_by_one_worker_and_given_up_in_the_end(judged: Run, owner_calls: Caller) -> None:
    job = asked(owner_calls, judged).json()["id"]
    now, lease = timezone.now(), timedelta(seconds=10)
    assert export_job_take(job_id=job, lease=lease, now=now)
    assert exports.export_job_run(job_id=job) == "writing"
    for attempt in range(1, MOST_ATTEMPTS):
        now += timedelta(seconds=11)
        assert export_job_take(job_id=job, lease=lease, now=now), attempt
    assert not export_job_take(job_id=job, lease=lease, now=now + timedelta(seconds=11))
    assert ExportJob.objects.get().status == "failed"
    assert exports.export_job_run(job_id=999999) == "gone"


def test_a_worker_that_lost_the_job_ends_nothing(judged: Run, owner_calls: Caller) -> None:
    job = asked(owner_calls, judged).json()["id"]
    now, lease = timezone.now(), timedelta(seconds=10)
    late = export_job_take(job_id=job, lease=lease, now=now)
    mine = export_job_take(job_id=job, lease=lease, now=now + 2 * lease)
    assert not export_job_failed(job_id=job, attempt=late, error="late", now=now)
    version = dataset_build(run=judged)
    assert not export_job_done(job_id=job, attempt=late, version=version, now=now)
    assert ExportJob.objects.get(pk=job).status == "writing"
    assert export_job_done(job_id=job, attempt=mine, version=version, now=now)


def test_a_broker_is_told_and_nothing_piles_up_without_one(
    judged: Run, owner_calls: Caller, settings: Any, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks() as sent:
        asked(owner_calls, judged)
    assert sent == []
    settings.CELERY_BROKER_URL = "redis://queue.example/0"
    with django_capture_on_commit_callbacks() as sent:
        asked(owner_calls, judged)
    assert len(sent) == 1


@pytest.mark.django_db(transaction=True)
def test_the_serving_command_writes_where_no_worker_is(judged: Run, owner_calls: Caller) -> None:
    job = asked(owner_calls, judged).json()["id"]
    hand = hands()[0]
    hand.look()
    assert hand.thread is not None
    hand.thread.join(timeout=30)
    assert owner_calls.get(f"/api/v1/exports/{job}/").json()["status"] == "done"
    hand.thread = None
    hand.look()
    assert hand.thread is None


def test_lost_messages_are_sent_again(judged: Run, owner_calls: Caller) -> None:
    job = asked(owner_calls, judged).json()["id"]
    now = timezone.now()
    assert exports.exports_ask_again(now=now) == []
    assert exports.exports_ask_again(now=now + timedelta(minutes=2)) == [job]
    assert exports.exports_ask_again(now=now + timedelta(minutes=2)) == []
    exports.export_job_run(job_id=job)
    assert exports.exports_ask_again(now=now + timedelta(days=1)) == []


def test_a_file_that_is_gone(owner_calls: Caller, places: dict[str, Any]) -> None:
    path = f"/api/v1/exports/{places['job_id']}/files/"
    assert owner_calls.get(f"{path}trajectories/").status_code == 404
    assert owner_calls.get(f"{path}none/").status_code == 404
    for file in Path(exports.job_folder(places["job_id"])).iterdir():
        file.unlink()
    assert owner_calls.get(f"{path}openai/").status_code == 404


@pytest.mark.django_db(transaction=True)
async def test_an_asynchronous_server_streams_too(places: dict[str, Any], owner_calls: Caller) -> None:
    response = await AsyncClient().get(f"/api/v1/exports/{places['job_id']}/files/openai/", headers=owner_calls.headers)
    assert response.is_async  # type: ignore[attr-defined]
    content = b"".join([chunk async for chunk in response])  # type: ignore[attr-defined]
    assert len(content) == int(response["Content-Length"]) > 1000
