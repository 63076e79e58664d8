"""Personas and agent profiles through programs."""

from typing import Any

import pytest

from studio.models import AuditEntry, Role
from synthesis.models import AgentProfile, Persona
from tests.builders_runs import install
from tests.studio.api.conftest import Caller

BEA = {"slug": "bea", "name": "Bea", "background": "Sells bread.", "language": "ko", "mood": "grumpy", "preferences": ["short answers"]}
CLERK = {"slug": "clerk", "role": "a clerk", "tone": "brisk", "rules": ["Be kind."], "capabilities": ["finding things"]}


@pytest.fixture(autouse=True)
def catalogue(db: None) -> None:
    install()


def test_a_persona_is_written_and_changed(owner_calls: Caller) -> None:
    made = owner_calls.post("/api/v1/personas/", BEA)
    assert made.status_code == 201, made.content
    assert made.json()["profile"] == owner_calls.get("/api/v1/personas/bea/").json()["profile"]
    assert Persona.objects.get(slug="bea").mood == "grumpy"
    body = {name: value for name, value in BEA.items() if name != "slug"}
    changed = owner_calls.post("/api/v1/personas/bea/", body | {"mood": "anxious"}).json()
    assert (changed["slug"], changed["profile"]["mood"], Persona.objects.get(slug="bea").mood) == ("bea", "anxious", "anxious")
    assert [entry.action for entry in AuditEntry.objects.filter(kind="persona").order_by("pk")] == ["personas.create", "personas.edit"]
    assert owner_calls.post("/api/v1/personas/nobody/", body).status_code == 404


def test_an_agent_is_written_and_changed(owner_calls: Caller) -> None:
    assert owner_calls.post("/api/v1/agents/", CLERK).status_code == 201
    body = {name: value for name, value in CLERK.items() if name != "slug"}
    changed = owner_calls.post("/api/v1/agents/clerk/", body | {"tone": "warm", "parallel": True}).json()
    assert (changed["profile"]["tone"], changed["profile"]["parallel"]) == ("warm", True)
    assert AgentProfile.objects.get(slug="clerk").tone == "warm"


def test_an_agent_that_leads_a_team_is_written(owner_calls: Caller) -> None:
    team = {"toolset": ["lookups"], "colleagues": [{"slug": "desk", "when": "any change to a record"}]}
    made = owner_calls.post("/api/v1/agents/", CLERK | team)
    assert made.status_code == 201, made.content
    assert {name: made.json()["profile"][name] for name in team} == team
    stranger = owner_calls.post("/api/v1/agents/", CLERK | {"slug": "other", "colleagues": [{"slug": "nobody", "when": "x"}]})
    assert (stranger.status_code, list(stranger.json()["errors"])) == (422, ["colleagues"])


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("personas/", BEA | {"slug": "ann"}, 422, "slug"),
        ("personas/", BEA | {"slug": "new"}, 422, "slug"),
        ("personas/", BEA | {"patience": 9}, 400, "patience"),
        ("personas/", BEA | {"language": "fr"}, 400, "language"),
        ("agents/", CLERK | {"rules": ["Ask for one thing at a time."]}, 422, "rules"),
        ("agents/", CLERK | {"tone": "loud"}, 400, "tone"),
    ],
)
def test_what_cannot_be_names_its_field(path: str, body: dict[str, Any], status: int, field: str, owner_calls: Caller) -> None:
    answer = owner_calls.post(f"/api/v1/{path}", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (status, [field])
    assert Persona.objects.count() == AgentProfile.objects.count() == 1


def test_it_takes_the_scope_and_the_role(caller: Any) -> None:
    assert caller(Role.AUTHOR, "read").post("/api/v1/personas/", BEA).status_code == 403
    assert caller(Role.OPERATOR).post("/api/v1/personas/", BEA).status_code == 404
    assert caller(Role.AUTHOR, "catalogue").post("/api/v1/personas/", BEA).status_code == 201
