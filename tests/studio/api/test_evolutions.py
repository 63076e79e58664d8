"""Evolutions over REST."""

from typing import Any

import pytest
from django.test import Client

from studio.models import Role
from synthesis.models import Evolution, Persona
from tests.builders_evolution import a_passed_draft, a_refused_draft, an_endpoint, an_evolution
from tests.builders_runs import install
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """An author's session."""
    an_endpoint()
    return signed_in(make_person("ann", Role.AUTHOR))


def post(client: Client, body: dict[str, Any], key: str = "k1") -> Any:
    return client.post("/api/v1/evolutions/", body, content_type="application/json", headers={"Idempotency-Key": key})


def test_one_is_started_and_read_with_its_drafts(client: Client) -> None:
    body = {"endpoint": "writer", "wanted": {"category": "crafts", "domains": 2}, "limit": 5_000_000}
    answer = post(client, body)
    assert answer.status_code == 202, answer.content
    assert post(client, body).json() == answer.json(), "the same key asks once"
    row = Evolution.objects.get()
    a_refused_draft(row)
    read = client.get(answer.headers["Location"]).json()
    assert read["wanted"]["domains"] == 2 and read["asked_by"] == "ann" and read["limit"] == 5_000_000
    assert [(draft["kind"], draft["stage"]) for draft in read["drafts"]] == [("category", "done"), ("domain", "refused")]
    draft = client.get(f"/api/v1/evolution-drafts/{read['drafts'][1]['id']}/").json()
    assert draft["rounds"][0]["findings"][0]["place"] == "intents.0.bind" and draft["pack_text"].startswith("# A small")
    assert client.get("/api/v1/evolutions/").json()["items"][0]["id"] == row.pk


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"endpoint": "nobody", "wanted": {"agents": 1}}, "endpoint"),
        ({"endpoint": "writer", "wanted": {}}, "domains"),
        ({"endpoint": "writer", "wanted": {"wordings": ["nothing"]}}, "wordings"),
    ],
)
def test_what_cannot_be_done_says_where(client: Client, body: dict[str, Any], field: str) -> None:
    answer = post(client, body)
    assert answer.status_code == 422 and field in answer.content.decode()
    assert not Evolution.objects.exists()


def test_which_model_wrote_a_release_is_not_told_to_reviewers(client: Client) -> None:
    from synthesis.models import Release

    install()
    release = Release.objects.get()
    release.lineage = {"origin": "evolved", "author": "ann", "model": "secret-model", "cost": 5}
    release.save(update_fields=["lineage"])
    place = f"/api/v1/releases/{release.digest}/"
    assert client.get(place).json()["lineage"]["model"] == "secret-model"
    reviewer = signed_in(make_person("bob", Role.REVIEWER))
    assert reviewer.get(place).json()["lineage"] == {"origin": "evolved", "author": "ann"}
    assert reviewer.get(f"/api/v1/evolutions/{an_evolution().pk}/").status_code in {403, 404}


def test_it_is_steered_and_says_why_not(client: Client) -> None:
    row = an_evolution()
    place = f"/api/v1/evolutions/{row.pk}/"

    def steer(move: str, body: dict[str, Any] | None = None) -> Any:
        return client.post(f"{place}{move}/", body or {}, content_type="application/json")

    assert steer("pause").json()["status"] == "paused"
    refused = steer("pause")
    assert refused.status_code == 409 and "Only what is queued or at work" in refused.json()["detail"]
    resumed = steer("resume", {"limit": 7_000_000}).json()
    assert (resumed["status"], resumed["limit"]) == ("queued", 7_000_000)
    assert steer("resume", {"limit": 0}).status_code == 400
    assert steer("cancel").json()["status"] == "cancelled" and steer("cancel").status_code == 409
    assert client.post("/api/v1/evolutions/999/pause/").status_code == 404


def test_drafts_are_decided_on_once(client: Client) -> None:
    row = an_evolution()
    draft = a_passed_draft(row)
    place = f"/api/v1/evolution-drafts/{draft.pk}/"
    accepted = client.post(f"{place}accept/").json()
    assert (accepted["stage"], accepted["decided_by"]) == ("published", "ann")
    assert Persona.objects.get(slug="kite_maker").active
    assert client.post(f"{place}reject/").status_code == 409
    refused = a_refused_draft(row)
    assert client.post(f"/api/v1/evolution-drafts/{refused.pk}/accept/").status_code == 409
    opened = client.post(f"/api/v1/evolution-drafts/{refused.pk}/open/")
    assert opened.status_code == 201 and opened.json()["slug"] == "study_rooms"
    assert client.get("/api/v1/drafts/study_rooms/").json()["pack_text"] == opened.json()["pack_text"]
    told = client.get(f"/api/v1/evolutions/{row.pk}/").json()
    assert [(one["stage"], len(one["findings"])) for one in told["drafts"]] == [("published", 0), ("done", 0), ("refused", 1)]
