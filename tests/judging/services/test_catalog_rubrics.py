"""What becomes of labels and queues when the catalogue's rubric changes."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from django.utils import timezone

from judging.engine.rubric_text import write_rubric
from judging.models import CriterionLink, ReviewQueue, RubricVersion
from judging.selectors.labels import labels
from judging.services import rubrics, starter_rubric
from judging.services.review_queues import queue_edit, queue_install
from judging.services.rubric_drafts import draft_begin
from judging.services.rubric_publish import rubric_publish
from synthesis.models import Episode
from tests.judging.services.reviewing import a_queue, reviewer, sealed

pytestmark = pytest.mark.django_db
Change = Callable[..., RubricVersion]


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Change:
    """The catalogue with other words, numbers and declarations, installed as the first start after an upgrade does it."""
    shipped = starter_rubric()

    def install(became: dict[str, str] | None = None, weights: dict[str, float] | None = None, **questions: str) -> RubricVersion:
        body = yaml.safe_load(write_rubric(shipped))
        for criterion in body["criteria"]:
            criterion["question"] = questions.get(criterion["id"], criterion["question"])
            criterion["weight"] = (weights or {}).get(criterion["id"], criterion["weight"])
        body["became"] = {shipped.digest: became or {}}
        (tmp_path / "starter.yaml").write_text(yaml.safe_dump(body), encoding="utf-8")
        monkeypatch.setattr(rubrics, "FOLDER", tmp_path)
        version = rubrics.catalog_install(slug="starter")
        queue_install(version=version)
        return version

    return install


def test_labels_and_the_queue_follow_what_means_the_same(change: Change) -> None:
    queue = a_queue(2)
    queue_edit(queue=queue, guidelines="Ours.", pass_share=0.5)
    review = sealed(queue, reviewer(), value=4)
    made = change(weights={"policy": 3.0}, became={"grounding": "reworded"}, grounding="Is nothing made up?")
    assert dict(CriterionLink.objects.filter(version=made).values_list("before__slug", "meaning")) == {
        **dict.fromkeys((c.id for c in starter_rubric().criteria), "same"), "grounding": "reworded",
    }  # fmt: skip
    assert {(label.criterion, label.carried) for label in labels(made)} >= {("policy", "same"), ("grounding", "reworded")}
    [follows] = ReviewQueue.objects.filter(name="Starter queue")
    assert (follows.active, follows.rubric_version, follows.guidelines, follows.pass_share) == (True, made, "Ours.", 0.5)
    queue.refresh_from_db()
    assert (queue.active, queue.name) == (False, "Starter queue (1)")
    # What nobody has begun goes along; what was answered stays, and is asked once more for the reworded question.
    assert set(queue.items.values_list("episode", flat=True)) == {review.item.episode_id}
    assert set(follows.items.values_list("episode", flat=True)) == set(Episode.objects.values_list("pk", flat=True))
    # The next start finds all of it as it is.
    assert change(weights={"policy": 3.0}, became={"grounding": "reworded"}, grounding="Is nothing made up?") == made
    assert ReviewQueue.objects.count() == 2


def test_what_nobody_vouches_for_leaves_labels_and_items_behind(change: Change) -> None:
    queue = a_queue(2)
    sealed(queue, reviewer(), value=4)
    made = change(policy="Is the weather fine?")
    assert CriterionLink.objects.get(version=made, before__slug="policy").meaning == "new"
    assert "policy" not in {label.criterion for label in labels(made)} and list(labels(made))
    [follows] = ReviewQueue.objects.filter(active=True)
    assert (follows.name, follows.rubric_version, follows.items.count(), queue.items.count()) == ("Starter queue", made, 0, 2)


def test_a_queue_that_somebody_closed_stays_closed(change: Change) -> None:
    queue = a_queue(0)
    queue_edit(queue=queue, active=False)
    change(weights={"policy": 3.0})
    assert [row.pk for row in ReviewQueue.objects.all()] == [queue.pk]


def test_the_catalogue_does_not_go_over_what_people_published(change: Change) -> None:
    queue = a_queue(1)
    text = write_rubric(starter_rubric()).replace("Was the policy kept", "Was every rule kept")
    draft = draft_begin(slug="starter", text=text, based_on=queue.rubric_version, by="ann", now=timezone.now())
    theirs = rubric_publish(draft=draft, seen=1, meanings={"policy": "same"}, by="ann", now=timezone.now()).version
    assert change(weights={"policy": 3.0}) == theirs and RubricVersion.objects.count() == 2
    assert [row.rubric_version for row in ReviewQueue.objects.filter(active=True)] == [theirs]
