"""Domains written by programs: begin, save, audit, publish."""

from collections.abc import Callable

import pytest

from studio.models import Role
from studio.pipelines.audits import audit_run
from synthesis.models import Domain, Release
from tests.packs import tool_shed_text
from tests.studio.api.conftest import Caller

DRAFT = "/api/v1/drafts/tool_shed/"


def begin(caller: Caller, **wanted: str) -> None:
    answer = caller.post("/api/v1/drafts/", {"slug": "tool_shed", "pack_text": tool_shed_text()} | wanted)
    assert answer.status_code == 201, answer.content
    assert answer["Location"].endswith(DRAFT)


@pytest.mark.django_db(transaction=True)
def test_the_whole_way_of_a_program(caller: Callable[..., Caller]) -> None:
    program = caller(Role.AUTHOR, "read", "catalogue")
    begin(program)
    told = program.get(DRAFT).json()
    assert (told["version"], told["findings"], told["pack_text"]) == (1, [], tool_shed_text())
    broken = program.post(DRAFT, {"pack_text": tool_shed_text().replace("effect: read", "effect: look", 1), "version": 1}).json()
    assert broken["version"] == 2 and broken["findings"][0]["place"] == "tools.0.effect" and broken["findings"][0]["line"] > 1
    assert program.post(f"{DRAFT}audits/").status_code == 422
    assert program.post(DRAFT, {"pack_text": tool_shed_text(), "version": 1}).status_code == 409
    assert program.post(DRAFT, {"pack_text": tool_shed_text(), "version": 2}).json()["version"] == 3
    asked = program.post(f"{DRAFT}audits/", **{"Idempotency-Key": "once"})
    assert asked.status_code == 202 and asked.json()["status"] == "queued"
    address = asked["Location"].removeprefix("http://testserver")
    assert program.post(f"{address}publish/").status_code == 409, "not before it is done"
    assert audit_run(audit_id=asked.json()["id"]) == "done"
    done = program.get(address).json()
    assert (done["status"], done["errors"]) == ("done", 0) and all(row["remedy"] for row in done["findings"])
    published = program.post(f"{address}publish/")
    assert published.status_code == 201 and published.json()["number"] == 1
    assert Release.objects.get().lineage["author"] == "author"
    assert program.post(f"{address}publish/").status_code == 409, "twice gives one release"


@pytest.mark.django_db
def test_what_cannot_be_is_told_by_field(caller: Callable[..., Caller]) -> None:
    program = caller(Role.AUTHOR)
    begin(program)
    for wanted, status, field in (
        ({"slug": "tool_shed"}, 422, "slug"),
        ({"slug": "Tool Shed"}, 400, "slug"),
        ({"slug": "x", "copy_of": "nowhere"}, 422, "copy_of"),
        ({}, 400, "slug"),
    ):
        answer = program.post("/api/v1/drafts/", wanted)
        assert answer.status_code == status and field in answer.json()["errors"]
    assert program.post(DRAFT, {"pack_text": "x"}).status_code == 400
    assert Domain.objects.count() == 1


@pytest.mark.django_db
def test_a_copy_and_the_template(caller: Callable[..., Caller]) -> None:
    program = caller(Role.AUTHOR)
    begin(program)
    assert program.post("/api/v1/drafts/", {"slug": "second", "copy_of": "tool_shed"}).json()["pack_text"].count("slug: second") == 1
    assert program.get("/api/v1/drafts/second/").json()["findings"] == []
    program.post("/api/v1/drafts/", {"slug": "third", "name": "Third"})
    assert program.get("/api/v1/drafts/third/").json()["findings"] == []
    origins = dict(Domain.objects.values_list("slug", "origin"))
    assert origins == {"tool_shed": "imported", "second": "authored", "third": "authored"}
