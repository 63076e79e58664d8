"""Reviewing through the interface: claim, read, seal; whose reviews are told to whom."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from judging.services import starter_rubric
from studio.models import Role
from tests.judging.services.reviewing import a_queue, claimed, sealed
from tests.studio.api.conftest import Caller

pytestmark = pytest.mark.django_db

CRITERIA = [criterion.id for criterion in starter_rubric().criteria]
CallerOf = Callable[..., Caller]


def body(item: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"token": item["token"], "decision": "keep", "answers": [{"criterion": c, "value": 5} for c in CRITERIA], **more}


def test_claim_read_seal(caller: CallerOf) -> None:
    a_queue(1)
    program = caller(Role.REVIEWER, "read", "reviews")
    item = program.post("/api/v1/review-items/claim/", {}).json()
    assert [question["criterion"] for question in item["rubric"]] == CRITERIA
    assert "Mochi" in item["messages"][0]["content"]
    assert [row["id"] for row in program.get("/api/v1/review-items/").json()["items"]] == [item["id"]]
    assert program.get(f"/api/v1/review-items/{item['id']}/").json() == item | {"lease_until": item["lease_until"]}
    url = f"/api/v1/review-items/{item['id']}/seal/"
    wrong = program.post(url, body(item, answers=[{"criterion": CRITERIA[0], "value": 0}]))
    assert wrong.status_code == 422
    assert set(wrong.json()["errors"]) == set(CRITERIA)
    assert program.post(url, body(item, token="old")).status_code == 409
    assert program.post(url, body(item, answers=[{"criterion": "beauty", "value": 1}])).status_code == 422
    made = program.post(url, body(item, first_error=1, confidence=2))
    assert made.status_code == 201
    assert made.json()["state"] == "sealed"
    assert program.get(made["Location"].removeprefix("http://testserver")).json() == made.json()
    assert program.post(url, body(item)).status_code == 409
    assert program.post("/api/v1/review-items/claim/", {}).status_code == 409


def test_reading_is_not_scoring(caller: CallerOf) -> None:
    a_queue(1)
    assert caller(Role.REVIEWER, "read").post("/api/v1/review-items/claim/", {}).status_code == 403


def test_whose_reviews(caller: CallerOf, people: dict[Role, User]) -> None:
    queue = a_queue(1, overlap=3)
    mine, other = sealed(queue, people[Role.REVIEWER]), sealed(queue, people[Role.AUTHOR])

    def told(role: Role) -> list[int]:
        return [row["id"] for row in caller(role).get("/api/v1/reviews/").json()["items"]]

    assert told(Role.REVIEWER) == [mine.pk]
    assert told(Role.OPERATOR) == [other.pk, mine.pk]
    assert caller(Role.REVIEWER).get(f"/api/v1/reviews/{other.pk}/").status_code == 404
    held = claimed(queue, people[Role.OPERATOR])
    assert told(Role.OPERATOR) == [held.pk], "not what others say of what one is reviewing"
    assert caller(Role.OPERATOR).get(f"/api/v1/reviews/{mine.pk}/").status_code == 404
