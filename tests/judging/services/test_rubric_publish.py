"""Publishing a version keeps, strands and hides labels as declared."""

import msgspec
import pytest
from django.utils import timezone

from judging.engine.rubric import Rubric
from judging.engine.rubric_text import write_rubric
from judging.models import CriterionLink, ReviewItem, ReviewQueue, RubricDraft, RubricVersion, Verdict
from judging.selectors.confirmations import answered_by, kept_of, progress_of
from judging.selectors.labels import labels
from judging.selectors.rubrics import rubric_of
from judging.services import starter_rubric
from judging.services.review_work import review_seal
from judging.services.rubric_drafts import RubricConflict, RubricRefused, draft_begin, draft_save
from judging.services.rubric_publish import Published, rubric_publish
from tests.judging.services.reviewing import a_queue, claimed, full, reviewer, sealed, token_of

pytestmark = pytest.mark.django_db


def draft_from(version: RubricVersion, change: Rubric) -> RubricDraft:
    draft = draft_begin(slug="starter", text="", based_on=version, by="ann", now=timezone.now())
    saved = draft_save(draft=draft, text=write_rubric(change), version=draft.version, by="ann", now=timezone.now())
    draft.refresh_from_db()
    assert draft.version == saved
    return draft


def publish(version: RubricVersion, change: Rubric, **meanings: str) -> Published:
    draft = draft_from(version, change)
    return rubric_publish(draft=draft, seen=draft.version, meanings=meanings, by="ann", now=timezone.now())


def edited(rubric: Rubric, *, without: tuple[str, ...] = (), **questions: str) -> Rubric:
    criteria = [msgspec.structs.replace(c, question=questions.get(c.id, c.question)) for c in rubric.criteria if c.id not in without]
    return msgspec.structs.replace(rubric, criteria=criteria)


def told(version: RubricVersion) -> set[tuple[str, int | None, str]]:
    return {(label.criterion, label.value, label.carried) for label in labels(version)}


def test_labels_are_kept_stranded_and_hidden_as_declared() -> None:
    queue = a_queue(3)
    for value in (5, 4, 2):
        sealed(queue, reviewer(), value=value)
    old = queue.rubric_version
    before = list(labels(old))
    change = edited(
        starter_rubric(), without=("efficiency",), policy="Was every rule kept?", grounding="Is nothing made up?", tool_use="Other tools?"
    )
    made = publish(old, change, policy="reworded", grounding="same", tool_use="new")

    # Untouched and same: all labels, as before. Reworded: all, marked as such. New: none. Removed: not even a name.
    now = told(made.version)
    assert {slug for slug, _value, _carried in now} == {"task_success", "communication", "grounding", "policy"}
    assert {(value, carried) for slug, value, carried in now if slug == "policy"} == {(5, "reworded"), (4, "reworded"), (2, "reworded")}
    assert {(value, carried) for slug, value, carried in now if slug == "grounding"} == {(5, "same"), (4, "same"), (2, "same")}
    assert "efficiency" not in {criterion.id for criterion in rubric_of(made.version).criteria}
    # Nothing is deleted: the old version tells what it told.
    assert list(labels(old)) == before and {label.criterion for label in before} == {c.id for c in starter_rubric().criteria}
    assert dict(CriterionLink.objects.values_list("before__slug", "meaning")) == {
        "task_success": "same", "tool_use": "new", "policy": "reworded", "grounding": "same", "communication": "same",
        "efficiency": "removed",
    }  # fmt: skip


def test_a_sample_of_what_was_reworded_is_asked_once_more_and_then_counts_instead() -> None:
    queue = a_queue(3)
    for value in (5, 4, 2):
        sealed(queue, reviewer(), value=value)
    episodes = set(ReviewItem.objects.values_list("episode", flat=True))
    made = publish(queue.rubric_version, edited(starter_rubric(), policy="Was every rule kept?"), policy="reworded")
    queue.refresh_from_db()
    successor = made.queues[0]
    assert (made.confirm, queue.active, successor.active, successor.rubric_version) == (3, False, True, made.version)
    assert set(successor.items.values_list("episode", flat=True)) == episodes
    first = sealed(successor, reviewer(), value=1)
    own = [label for label in labels(made.version) if label.episode == first.item.episode_id]
    assert {(label.criterion, label.value, label.carried) for label in own} == {(c.id, 1, "") for c in starter_rubric().criteria}
    rest = [label for label in labels(made.version) if label.episode != first.item.episode_id and label.criterion == "policy"]
    assert len(rest) == 2 and {label.carried for label in rest} == {"reworded"}
    assert Verdict.objects.filter(review__item__queue=queue).count() == 3 * len(starter_rubric().criteria)


def test_labels_come_through_several_versions_and_no_further_than_a_new_meaning() -> None:
    queue = a_queue(1)
    sealed(queue, reviewer(), value=4)
    second = publish(
        queue.rubric_version, edited(starter_rubric(), policy="Two?", grounding="Two?"), policy="reworded", grounding="new"
    ).version
    third = publish(second, edited(rubric_of(second), policy="Three?", grounding="Three?"), policy="same", grounding="same").version
    found = {label.criterion: (label.value, label.carried) for label in labels(third)}
    assert found["policy"] == (4, "reworded") and found["task_success"] == (4, "same")
    assert "grounding" not in found


def test_what_differs_wants_a_word_and_nothing_is_published_without() -> None:
    queue = a_queue(0)
    with pytest.raises(RubricRefused, match="policy"):
        publish(queue.rubric_version, edited(starter_rubric(), policy="Was every rule kept?"))
    with pytest.raises(RubricRefused, match="already"):
        publish(queue.rubric_version, starter_rubric())
    draft = draft_from(queue.rubric_version, edited(starter_rubric(), policy="Other?"))
    with pytest.raises(RubricConflict):
        rubric_publish(draft=draft, seen=draft.version - 1, meanings={"policy": "new"}, by="ann", now=timezone.now())
    assert RubricVersion.objects.count() == 1 and ReviewQueue.objects.filter(active=True).count() == 1


def test_how_far_the_sample_is_who_answered_it_and_whether_people_still_mean_the_same() -> None:
    queue = a_queue(3)
    for value in (5, 4, 2):
        sealed(queue, reviewer(), value=value)
    made = publish(queue.rubric_version, edited(starter_rubric(), policy="Was every rule kept?"), policy="reworded")
    successor = made.queues[0]
    asked = {row["episode"] for row in successor.items.values("episode")}
    [before] = progress_of(version=made.version)
    assert (before.queue, before.items, before.done, before.waits) == (successor, 3, 0, 3)
    assert [(row.slug, row.answered, row.percent) for row in kept_of(made.version)] == [("policy", 0, None)]
    assert progress_of(queue=queue) == [] and kept_of(queue.rubric_version) == []
    # The first says what was said; the second rejects what was accepted before, or the other way round.
    was = {label.episode: label.value for label in labels(queue.rubric_version) if label.criterion == "policy"}
    for name, same in (("ben", True), ("ben", False)):
        review = claimed(successor, reviewer(name))
        old = was[review.item.episode_id]
        assert old is not None and review.item.episode_id in asked
        sheet = full(value=old if same else 0 if old > 2 else 5)
        assert not review_seal(review=review, sheet=sheet, token=token_of(review), now=timezone.now()).flaws
    [after] = progress_of(queue=successor)
    assert (after.done, after.waits) == (2, 1)
    assert answered_by(successor) == [("ben", 2)]
    assert [(row.slug, row.answered, row.agree, row.percent) for row in kept_of(made.version)] == [("policy", 2, 1, 50)]
