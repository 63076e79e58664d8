"""Rubrics through REST: read, write, lint, publish."""

from collections.abc import Callable

import pytest

from judging.engine.rubric_text import write_rubric
from judging.models import CriterionLink
from judging.services import rubric_install, starter_rubric
from studio.models import Role
from tests.studio.api.conftest import Caller

PLACE = "/api/v1/rubrics/starter/"


@pytest.mark.django_db
def test_a_program_rewords_a_criterion(caller: Callable[..., Caller]) -> None:
    rubric_install(rubric=starter_rubric())
    program = caller(Role.AUTHOR, "read", "catalogue")
    listed = program.get("/api/v1/rubrics/").json()["rubrics"]
    assert [(row["slug"], row["versions"], row["newest"]) for row in listed] == [("starter", 1, starter_rubric().digest)]
    assert program.get(f"{PLACE}draft/").status_code == 404
    text = write_rubric(starter_rubric()).replace("Was the policy kept", "Was every rule kept")
    assert program.post("/api/v1/rubrics/nothing/draft/", {"text": text, "version": 1}).status_code == 404
    saved = program.post(f"{PLACE}draft/", {"text": text, "version": 1}).json()
    assert saved["version"] == 2 and {row["severity"] for row in saved["findings"]} == {"warning"}
    assert program.post(f"{PLACE}draft/", {"text": "other", "version": 1}).status_code == 409
    assert program.post(f"{PLACE}publish/", {"version": 2}).status_code == 422
    assert program.post(f"{PLACE}publish/", {"version": 1, "meanings": {"policy": "new"}}).status_code == 409
    made = program.post(f"{PLACE}publish/", {"version": 2, "meanings": {"policy": "reworded"}})
    assert (made.status_code, made.json()["number"]) == (201, 2)
    assert [row["number"] for row in program.get(PLACE).json()["versions"]] == [2, 1]
    assert CriterionLink.objects.get(before__slug="policy").meaning == "reworded"
