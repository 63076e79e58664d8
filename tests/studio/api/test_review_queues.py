"""Queues, disputes, gold and repairs through the interface."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from judging.models import Adjudication, GoldItem, Judgement, PreferencePair, ReviewItem, ReviewQueue, RubricNote
from judging.services import rubric_install, starter_rubric
from judging.services.review_queues import items_ask, queue_create, route
from studio.models import AuditEntry, Role
from tests.judging.builders import good
from tests.judging.services.reviewing import a_queue, claimed, judged_run, reviewer, sealed
from tests.studio.api.conftest import Caller
from tests.studio.pipelines.test_fixing import slipped

CallerOf = Callable[..., Caller]


@pytest.mark.django_db
def test_a_queue_of_what_judges_dispute_is_made_filled_and_changed(caller: CallerOf) -> None:
    rubric_install(rubric=starter_rubric())
    program = caller(Role.OPERATOR, "queues")
    rules = {"disagree_share": 1, "fail_share": 0, "pass_share": 0, "overlap": 2}
    made = program.post("/api/v1/review-queues/", {"name": "Panels", "rubric": "starter", **rules})
    assert made.status_code == 201
    place = made["Location"].removeprefix("http://testserver")
    told = made.json()
    assert (told["mode"], told["disagree_share"], told["gold_share"], told["overlap"]) == ("blind", 1.0, 0.05, 2)
    run = judged_run(*[good() for _ in range(4)])
    Judgement.objects.filter(episode__run=run, episode__index=2).update(disputed=True)
    assert route(queue=ReviewQueue.objects.get(slug=told["slug"]), run=run, now=timezone.now()) == 2
    disputed = ReviewItem.objects.get(stratum="disagree")
    assert (disputed.episode.index, disputed.probability) == (2, 1.0)
    changed = program.post(place, {"disagree_share": 0.5, "guidelines": "Mind the gap."}).json()
    assert (changed["disagree_share"], changed["guidelines"], changed["name"]) == (0.5, "Mind the gap.", "Panels")
    assert program.get(place).json() == changed and changed["load"]["slots"] == 4
    assert AuditEntry.objects.filter(action="review.queue").count() == 2
    assert program.post(place, {"random_share": 0}).status_code == 400
    wrong = program.post("/api/v1/review-queues/", {"name": "x", "rubric": "none"})
    assert wrong.status_code == 422 and "none" in wrong.json()["errors"]["rubric"][0]
    assert caller(Role.OPERATOR, "reviews").get(place).status_code == 403


@pytest.mark.django_db
def test_a_dispute_is_settled_without_names_and_by_nobody_who_is_in_it(caller: CallerOf, people: dict[Role, User]) -> None:
    queue = a_queue(2)
    item = sealed(queue, reviewer("ann"), "drop", 0).item
    program = caller(Role.AUTHOR, "reviews")
    rows = caller(Role.AUTHOR).get("/api/v1/disputes/").json()["items"]
    assert [(row["id"], row["causes"]) for row in rows] == [(item.pk, ["judge"])]
    url = f"/api/v1/disputes/{item.pk}/"
    told = program.get(url)
    questions = told.json()["questions"]
    assert {answer["letter"] for answer in questions[0]["answers"]} == {"A", "B"}
    assert {key for answer in questions[0]["answers"] for key in answer} == {"letter", "value", "reason", "evidence"}
    assert '"ann"' not in told.content.decode() and "programmatic" not in told.content.decode()
    first, second = (question["criterion"] for question in questions[:2])

    def settle(*rulings: dict[str, Any]) -> Any:
        return program.post(url, {"rulings": list(rulings)})

    assert settle({"criterion": first, "choice": "Z"}).json()["errors"] == {
        f"rulings.{first}": ["Choose the letter of an answer, `new` with a value, or `ambiguous`."]
    }
    assert settle({"criterion": first, "choice": "A"}, {"criterion": second, "choice": "ambiguous"}).status_code == 422
    assert not Adjudication.objects.exclude(outcome="").exists(), "all of it or nothing"
    assert settle({"criterion": "beauty", "choice": "A"}).status_code == 422
    twice = settle({"criterion": first, "choice": "A"}, {"criterion": first, "choice": "ambiguous", "note": "Which?"})
    assert twice.status_code == 400 and not RubricNote.objects.exists(), "of two rulings on one criterion neither holds"
    made = settle({"criterion": first, "choice": "new", "value": 3}, {"criterion": second, "choice": "ambiguous", "note": "When?"})
    assert [(row["criterion"], row["outcome"], row["value"]) for row in made.json()["settled"]] == [
        (first, "new", 3),
        (second, "ambiguous", None),
    ]
    assert RubricNote.objects.get().text == "When?"
    assert settle({"criterion": first, "choice": "A"}).status_code == 409
    # Nobody settles what they reviewed.
    mine = sealed(queue, people[Role.OWNER], "drop", 0).item
    assert caller(Role.OWNER).get(f"/api/v1/disputes/{mine.pk}/").status_code == 404


@pytest.mark.django_db
def test_gold_is_marked_counted_and_taken_back(caller: CallerOf, people: dict[Role, User]) -> None:
    queue = a_queue(2, overlap=1)
    done = sealed(queue, reviewer("ann")).item
    program, url = caller(Role.OPERATOR), f"/api/v1/review-queues/{queue.slug}/gold/"
    waiting = queue.items.exclude(pk=done.pk)[0]
    assert program.post(url, {"item": waiting.pk, "expected": {"policy": 5}}).status_code == 409
    assert program.post(url, {"item": done.pk, "expected": {}}).status_code == 422
    assert program.post(url, {"item": done.pk, "expected": {"beauty": 5}}).status_code == 422
    assert program.post(url, {"item": 999_999, "expected": {"policy": 5}}).status_code == 422
    made = program.post(url, {"item": done.pk, "expected": {"policy": 5, "grounding": None}})
    assert made.status_code == 201 and made.json()["expected"] == {"policy": 5, "grounding": None}
    assert [row["id"] for row in program.get(url).json()["items"]] == [made.json()["id"]]
    cards = program.get(f"/api/v1/review-queues/{queue.slug}/reviewers/").json()["reviewers"]
    assert [(card["reviewer"], card["sealed"], card["gold"]) for card in cards] == [("ann", 1, {"right": 0, "of": 0})]
    one = f"/api/v1/gold-items/{made.json()['id']}/"
    # Its settled values are other people's: who reviews its episode blind, be it in another queue, must not meet them.
    second = queue_create(name="Second", version=queue.rubric_version, mode="blind")
    items_ask(queue=second, episode_ids=[done.episode_id], probability=1.0, asked_by="owner", now=timezone.now())
    holder = caller(Role.OWNER)
    assert holder.get(one).status_code == 200
    claimed(second, people[Role.OWNER])
    assert holder.get(one).status_code == 404 and holder.get(url).json()["items"] == []
    assert holder.post(url, {"item": done.pk, "expected": {"policy": 1}}).status_code == 422
    assert program.post(f"{one}remove/").status_code == 200
    assert program.get(one).status_code == 404 and not GoldItem.objects.get().active


@pytest.mark.django_db(transaction=True)
def test_an_episode_is_fixed_from_a_step(caller: CallerOf) -> None:
    origin = slipped("wrong_argument")[0]
    program, url = caller(Role.AUTHOR, "read", "runs"), f"/api/v1/episodes/{origin.pk}/fix/"
    said = program.get(url).json()
    assert said["step"] == Judgement.objects.get(episode=origin, decides=True).first_event and said["better"]
    body = {name: said[name] for name in ("step", "text", "calls", "done")}
    nobody = program.post(url, {**body, "agent": "model:nobody"})
    assert nobody.status_code == 422 and "scripted" in nobody.json()["errors"]["agent"][0]
    assert program.post(url, {**body, "step": 10_000}).status_code == 422
    key = {"Idempotency-Key": "once"}
    made = program.post(url, body, **key)
    assert made.status_code == 201 and program.post(url, body, **key).json() == made.json()
    assert PreferencePair.objects.get().chosen_id == made.json()["id"]
    [pair] = program.get("/api/v1/preference-pairs/?state=waiting").json()["items"]
    assert (pair["rejected"], pair["chosen"], pair["marked"], pair["made_by"]) == (origin.pk, made.json()["id"], said["step"], "author")
    assert program.get("/api/v1/preference-pairs/?state=good").json()["items"] == []
