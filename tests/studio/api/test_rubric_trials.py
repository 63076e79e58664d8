"""Trials of rubrics through REST."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from judging.engine.rubric_text import write_rubric
from judging.models import RubricTrial
from judging.services import rubric_install
from judging.services.review_queues import items_ask
from judging.services.rubrics import judges_rubric
from studio.models import Role
from synthesis.models import ModelEndpoint
from tests.judging.services.reviewing import a_queue, claimed
from tests.studio.api.conftest import Caller
from tests.studio.api.things import a_wording, judged_run

PLACE = "/api/v1/rubrics/judges/"


@pytest.mark.django_db
def test_a_program_tries_a_draft_and_accepts_a_wording(caller: Callable[..., Caller]) -> None:
    rubric_install(rubric=judges_rubric())
    run = judged_run()
    program = caller(Role.AUTHOR, "read", "catalogue")
    assert program.post(f"{PLACE}trials/", {"judges": ["j"]}).status_code == 404, "there is no draft"
    program.post(f"{PLACE}draft/", {"text": "slug: judges", "version": 1})
    assert "draft has errors" in program.post(f"{PLACE}trials/estimate/", {"judges": ["j"]}).json()["detail"]
    program.post(f"{PLACE}draft/", {"text": write_rubric(judges_rubric()), "version": 2})
    assert program.post(f"{PLACE}trials/", {"judges": ["j"]}).status_code == 422, "there is no endpoint"
    ModelEndpoint.objects.create(
        slug="j", base_url="http://127.0.0.1:9/v1", model="m", provider="fake", purposes=["judge"], price_prompt=1_000_000
    )
    assert program.post(f"{PLACE}trials/estimate/", {"judges": ["j"]}).json()["expected"] > 0
    made = program.post(f"{PLACE}trials/", {"judges": ["j"], "number": 1, "budget": "0.25"})
    assert (made.status_code, made.json()["budget"], len(made.json()["episodes"])) == (201, 250_000, 1)
    assert program.post(f"{PLACE}trials/", {"judges": ["j"]}).status_code == 409
    place = f"/api/v1/rubric-trials/{made.json()['id']}/"
    assert program.get(place).json()["status"] == "queued" and program.get(f"{place}found/").json() == {"lines": []}
    assert program.post(f"{place}accept/", {}).status_code == 409
    assert program.post(f"{place}cancel/", {}).json()["status"] == "cancelled"

    worded = f"/api/v1/rubric-trials/{a_wording(run).pk}/"
    assert [line["settles"] for line in program.get(f"{worded}found/").json()["lines"]] == ["yes", "no"]
    assert program.post(f"{worded}accept/", {}).json()["accepted_by"] == program.user.username
    wanted = {"criterion": "policy", "author": "j", "judges": ["j"]}
    refused = program.post("/api/v1/rubrics/starter/rewordings/", wanted)
    assert refused.status_code == 422 and "may write" in refused.json()["detail"]
    assert RubricTrial.objects.count() == 2


@pytest.mark.django_db
def test_whoever_reviews_an_episode_blind_is_not_told_that_people_dispute_it(caller: Callable[..., Caller]) -> None:
    trial = a_wording(judged_run())
    hidden, seen = trial.episodes
    queue = a_queue(0)
    items_ask(queue=queue, episode_ids=[hidden], probability=1.0, asked_by="owner", now=timezone.now())
    author = caller(Role.AUTHOR)
    claimed(queue, author.user)
    place = f"/api/v1/rubric-trials/{trial.pk}/"
    assert author.get(place).json()["episodes"] == [seen]
    assert [row["episodes"] for row in author.get("/api/v1/rubrics/starter/trials/").json()["items"]] == [[seen]]
    assert [line["episode"] for line in author.get(f"{place}found/").json()["lines"]] == [seen]
    assert caller(Role.OWNER).get(place).json()["episodes"] == [hidden, seen]
