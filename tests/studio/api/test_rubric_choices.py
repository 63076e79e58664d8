"""Rubrics of domains and scenarios through REST."""

from collections.abc import Callable

import pytest

from judging.services import rubric_install, starter_rubric
from studio.models import Role
from tests.builders_runs import install
from tests.studio.api.conftest import Caller

PLACE = "/api/v1/domains/vet_clinic/rubric/"


@pytest.mark.django_db
def test_a_program_attaches_a_rubric_and_takes_it_away(caller: Callable[..., Caller]) -> None:
    install()
    rubric_install(rubric=starter_rubric())
    program = caller(Role.AUTHOR, "read", "catalogue")
    assert program.get(PLACE).json() == {"rubric": None, "by": None, "at": None}
    assert program.post(PLACE, {"rubric": "starter"}).json()["rubric"] == "starter"
    refused = program.post(PLACE, {"rubric": "gone"})
    assert refused.status_code == 422 and "publish it first" in refused.content.decode()
    assert program.get(PLACE).json()["rubric"] == "starter"
    assert program.post(PLACE, {"rubric": ""}).json()["rubric"] is None
    assert program.post("/api/v1/domains/nowhere/rubric/", {"rubric": "starter"}).status_code == 404
