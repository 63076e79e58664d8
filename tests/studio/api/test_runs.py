"""Starting and steering runs."""

from typing import Any

import pytest

from studio.models import AuditEntry, Role
from synthesis.models import Episode, Run
from synthesis.services.runs import run_cancel
from tests.builders_runs import a_run, install
from tests.studio.api.conftest import Caller

WANTED = {"episodes": 3, "seed": 7, "domains": ["vet_clinic"], "variations": ["plain"]}


@pytest.fixture(autouse=True)
def catalogue(db: None) -> None:
    install()


def test_a_run_is_started(owner_calls: Caller) -> None:
    response = owner_calls.post("/api/v1/runs/", WANTED)
    assert response.status_code == 201, response.content
    told = response.json()
    assert (told["status"], told["seed"], told["counts"]["planned"], told["variations"]) == ("running", 7, 3, ["plain"])
    assert owner_calls.get(response["Location"]).json() == told
    assert Episode.objects.filter(run_id=told["id"]).count() == 3
    entry = AuditEntry.objects.get(action="runs.start")
    assert (entry.actor, entry.object_id) == (owner_calls.user, str(told["id"]))
    assert entry.after


def test_a_seed_is_drawn_when_none_is_given(owner_calls: Caller) -> None:
    seeds = {owner_calls.post("/api/v1/runs/", {"episodes": 1}).json()["seed"] for _ in range(3)}
    assert len(seeds) == 3


def test_shares_are_kept(owner_calls: Caller) -> None:
    install("airline_rebooking", "hotel_desk")
    wanted = {**WANTED, "domains": ["airline_rebooking", "hotel_desk"], "two_domains": 0.5}
    assert owner_calls.post("/api/v1/runs/", wanted).status_code == 201
    assert Run.objects.get().options == {"two_domains": 0.5}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"domains": ["vet_klinic"]}, "domains"),
        ({"domains": ["vet_clinic", "none"]}, "domains"),
        ({"simulate": "all"}, "simulate"),
        ({"rivals": ["profile:nobody"], "episodes": 4}, "rivals"),
        ({"teams": 0.5}, "teams"),
        ({"two_domains": 0.5}, "two_domains"),
    ],
)
def test_what_cannot_work_names_its_field(wrong: dict[str, Any], field: str, owner_calls: Caller) -> None:
    response = owner_calls.post("/api/v1/runs/", WANTED | wrong)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]
    assert not Run.objects.exists() and not AuditEntry.objects.filter(action="runs.start").exists()


def test_a_run_is_paused_resumed_cancelled(owner_calls: Caller) -> None:
    run = a_run(2)
    path = f"/api/v1/runs/{run.pk}/"
    assert owner_calls.post(f"{path}pause/").json()["status"] == "paused"
    assert owner_calls.post(f"{path}pause/").status_code == 409
    assert owner_calls.post(f"{path}resume/").json()["status"] == "running"
    cancelled = owner_calls.post(f"{path}cancel/").json()
    assert (cancelled["status"], cancelled["counts"]["cancelled"]) == ("cancelled", 2)
    assert "cancelled" in owner_calls.post(f"{path}resume/").json()["detail"]
    assert [entry.action for entry in AuditEntry.objects.filter(kind="run").order_by("pk")] == ["runs.pause", "runs.resume", "runs.cancel"]
    assert owner_calls.post("/api/v1/runs/999999/pause/").status_code == 404


def test_the_same_key_starts_nothing_twice(owner_calls: Caller) -> None:
    first = owner_calls.post("/api/v1/runs/", WANTED, **{"Idempotency-Key": "monday"})
    again = owner_calls.post("/api/v1/runs/", WANTED, **{"Idempotency-Key": "monday"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() and again["Location"] == first["Location"]
    assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert Run.objects.count() == 1
    other = owner_calls.post("/api/v1/runs/", WANTED | {"episodes": 4}, **{"Idempotency-Key": "monday"})
    assert other.status_code == 422
    assert Run.objects.count() == 1


def test_a_key_belongs_to_its_person_and_forgets_failures(owner_calls: Caller, caller: Any) -> None:
    wrong = owner_calls.post("/api/v1/runs/", WANTED | {"domains": ["none"]}, **{"Idempotency-Key": "k"})
    assert wrong.status_code == 422
    assert owner_calls.post("/api/v1/runs/", WANTED, **{"Idempotency-Key": "k"}).status_code == 201
    assert caller(Role.AUTHOR).post("/api/v1/runs/", WANTED, **{"Idempotency-Key": "k"}).status_code == 201
    assert Run.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_keys_that_are_none(key: str, owner_calls: Caller) -> None:
    assert owner_calls.post("/api/v1/runs/", WANTED, **{"Idempotency-Key": key}).status_code == 400


def test_counts_are_fresh(owner_calls: Caller) -> None:
    run = a_run(2)
    Episode.objects.filter(run=run, index=0).update(status="failed")
    assert owner_calls.get(f"/api/v1/runs/{run.pk}/").json()["counts"]["failed"] == 1
    run_cancel(run_id=run.pk, now=run.created)
    assert owner_calls.get(f"/api/v1/runs/{run.pk}/").json()["counts"]["cancelled"] == 1


def test_a_pilot_tries_a_run_out(owner_calls: Caller) -> None:
    told = owner_calls.post("/api/v1/runs/", WANTED | {"episodes": 50, "pilot": True, "agents": ["desk"]}).json()
    assert (told["episodes"], told["casting"], told["started_by"]) == (3, {"agents": ["desk"]}, owner_calls.user.username)
    assert Run.objects.get(pk=told["id"]).options == {"pilot_for": 50}
    nobody = owner_calls.post("/api/v1/runs/", WANTED | {"personas": ["nobody"]})
    assert (nobody.status_code, list(nobody.json()["errors"])) == (422, ["personas"])


def test_what_failed_is_tried_again(owner_calls: Caller) -> None:
    run = a_run(3)
    path = f"/api/v1/runs/{run.pk}/requeue/"
    assert owner_calls.post(path).status_code == 409
    Episode.objects.filter(run=run, index=0).update(status="failed", failure={"kind": "poison", "detail": ""})
    told = owner_calls.post(path).json()
    assert (told["status"], told["counts"]["planned"], told["counts"]["failed"]) == ("running", 3, 0)
    assert AuditEntry.objects.get(action="runs.requeue").object_id == str(run.pk)
