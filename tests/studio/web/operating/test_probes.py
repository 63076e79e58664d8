"""Probes: open to the neighbourhood whatever host it names, figures only for those who may read them."""

import re
from datetime import timedelta
from threading import Event
from time import monotonic
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from studio.pipelines import health
from studio.pipelines.health import STALLED_SECONDS, Asked, Migrations
from studio.pipelines.measures import Family, Sample, text_of
from studio.web.operating.tally import Tally
from synthesis.models import Run, Slice
from synthesis.services import leases
from synthesis.services.claims import claim_queued
from tests.builders_runs import LEASE, a_run, a_slice, install, queued

LINE = re.compile(r'^[a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)*\})? -?[0-9.e+-]+$')


def test_the_process_is_up_without_any_database() -> None:
    """No mark lets this test reach the database, so asking it would fail."""
    for host in ("testserver", "10.1.2.3:8000", "evil.example"):
        answer = Client().get("/healthz", headers={"host": host})
        assert (answer.status_code, answer.content) == (200, b"ok\n")
        assert answer.headers["Cache-Control"] == "no-store"
    assert Client().post("/healthz").status_code == 405


def test_probes_are_not_sent_to_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/healthz").status_code == 200
    assert Client().get("/sign-in/").status_code == 301


@pytest.mark.django_db(transaction=True)
def test_ready_when_all_is_there() -> None:
    answer = Client().get("/readyz", headers={"host": "10.1.2.3"})
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "reasons": [], "last_claim_seconds": None, "waiting_seconds": None}


@pytest.mark.django_db(transaction=True)
def test_each_want_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "has_broker", lambda: True)
    monkeypatch.setattr(health, "BROKER", Asked(lambda: False))
    monkeypatch.setattr(Migrations, "all_applied", lambda _self: False)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["migrations are missing: manage migrate", "the broker does not answer"]

    def away() -> None:
        raise OperationalError("connection to db.example as user 'admin' password 'hunter2' failed")

    monkeypatch.setattr(health, "DATABASE", Asked(away))
    answer = Client().get("/readyz")
    assert "the database does not answer" in answer.json()["reasons"]
    assert b"hunter2" not in answer.content
    assert b"db.example" not in answer.content


@pytest.mark.django_db(transaction=True)
def test_work_that_nobody_takes_is_a_reason_however_often_it_was_asked_for() -> None:
    install()
    run = a_run(2)
    now = timezone.now()
    first = leases.slice_ask(run_id=run.pk, patience=LEASE, now=now)
    Slice.objects.filter(pk=first).update(created=now - timedelta(seconds=STALLED_SECONDS + 60), lease_until=now - timedelta(seconds=90))
    assert leases.slices_expire(now=now) == 1
    again = leases.slice_ask(run_id=run.pk, patience=LEASE, now=now)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["no worker takes the work that waits"])
    assert leases.slice_take(slice_id=again, worker="w", lease=LEASE, now=timezone.now())
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["waiting_seconds"]) == (200, None)
    leases.slice_end(slice_id=again, played=0, now=timezone.now())
    assert Client().get("/readyz").status_code == 200, "nothing was asked for since"


def test_a_question_that_hangs_is_asked_once() -> None:
    free, asked = Event(), []

    def hang() -> str:
        asked.append(1)
        free.wait(10)
        return "late"

    question = Asked(hang)
    began = monotonic()
    for _ in range(3):
        with pytest.raises(TimeoutError):
            question.within(0.1)
    assert monotonic() - began < 2
    assert len(asked) == 1
    free.set()
    assert question.within(5) == "late"


@pytest.mark.django_db
def test_figures_tell_what_is_there() -> None:
    install()
    run = a_run(3)
    queued(run)
    holder = a_slice(run)
    claim_queued(run_id=run.pk, holder=holder, limit=1, lease=LEASE, now=timezone.now())
    leases.slices_lost(slices=[holder], now=timezone.now())
    Client().get("/sign-in/")
    text = Client().get("/metrics").content.decode()
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert figures['studio_episodes{status="queued"}'] == "2"
    assert figures['studio_episodes{status="playing"}'] == "1"
    assert figures['studio_runs{status="running"}'] == "1"
    assert figures['studio_lease_expiries_total{reason="lost"}'] == "1"
    assert figures["studio_broker_up"] == "1"
    assert figures['studio_queue_messages{queue="author"}'] == "0"
    assert int(figures['studio_http_requests_total{route="access:sign_in",method="GET",status="200"}']) >= 1
    assert [line for line in text.splitlines() if not line.startswith("# ") and not LINE.match(line)] == []
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    assert all(name.endswith("_total") == (kind == "counter") for name, kind in kinds.items())


@pytest.mark.django_db
def test_figures_cost_the_same_however_many_episodes(django_assert_max_num_queries: Any) -> None:
    install()
    a_run(2)
    with django_assert_max_num_queries(14):
        assert Client().get("/metrics").status_code == 200


@pytest.mark.django_db
def test_who_may_read_figures(settings: Any) -> None:
    assert Client().get("/metrics").status_code == 200
    assert Client().get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 404
    assert Client().get("/metrics", REMOTE_ADDR="unix").status_code == 404
    assert Client().get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 404
    settings.STUDIO_METRICS_TOKEN = "scrape-me"
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    right = {"authorization": "Bearer scrape-me", "host": "web:8000"}
    assert Client().get("/metrics", REMOTE_ADDR="10.0.0.7", headers=right).status_code == 200


def test_what_strangers_name_stays_within_its_quotes() -> None:
    text = text_of([Family("a", "gauge", "One\nline.", [Sample(1, {"x": 'q"\\\n'})])])
    assert text == '# HELP a One\\nline.\n# TYPE a gauge\na{x="q\\"\\\\\\n"} 1\n'


def test_a_tally_adds_up() -> None:
    tally = Tally()
    for seconds in (0.005, 0.02, 0.3, 99.0):
        tally.note(route="runs:index", method="GET", status=200, seconds=seconds)
    figures = {(sample.suffix, sample.labels.get("le")): sample.value for sample in tally.families()[1].samples}
    assert figures["_bucket", "0.01"] == 1
    assert figures["_bucket", "0.3"] == 3
    assert figures["_bucket", "+Inf"] == figures["_count", None] == 4
    assert figures["_sum", None] == pytest.approx(99.325)


@pytest.mark.django_db
def test_a_stranger_cannot_make_routes() -> None:
    assert not Run.objects.exists()
    for path in ("/no/such/1", "/no/such/2"):
        Client().get(path)
    text = Client().get("/metrics").content.decode()
    assert "such" not in text
