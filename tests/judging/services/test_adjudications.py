"""What waits to be settled follows from the answers; who settles it gave none of them; labels follow what was settled."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from judging.engine.review import Answer, Sheet
from judging.models import Adjudication, CriterionScore, Review, ReviewQueue, RubricNote
from judging.selectors import adjudications as selectors
from judging.selectors.labels import Label, labels, opinions
from judging.services import starter_rubric
from judging.services.adjudications import (
    AdjudicationError,
    Ruling,
    adjudicate,
    adjudication_reopen,
    disputes_rejudged,
    note_close,
)
from judging.services.review_work import review_reveal, review_revise, review_seal, review_undo
from tests.judging.services.reviewing import a_queue, an_item, claimed, full, reviewer, sealed, token_of

pytestmark = pytest.mark.django_db

TASK = "task_success"


def says(value: int | None, slug: str = TASK, **more: object) -> Sheet:
    """A full sheet that gives ``value`` to one criterion and 5 to the others."""
    answers = [Answer(c.id, True, value if c.id == slug else 5, "seen", [1]) for c in starter_rubric().criteria]
    return Sheet(**{"answers": answers, "decision": "keep", **more})  # type: ignore[arg-type]


def reviewed(queue: ReviewQueue, name: str, value: int | None, slug: str = TASK) -> Review:
    review = claimed(queue, reviewer(name))
    assert not review_seal(review=review, sheet=says(value, slug), token=token_of(review), now=timezone.now()).flaws
    return review


def one_item(overlap: int = 2) -> ReviewQueue:
    """A queue of one item that the judge gives full marks."""
    queue = a_queue(1, overlap=overlap)
    CriterionScore.objects.update(value=5)
    return queue


def waiting() -> list[tuple[str, str]]:
    return list(Adjudication.objects.filter(outcome="").values_list("criterion__slug", "cause"))


def by_criterion(queue: ReviewQueue) -> dict[str, Label]:
    return {label.criterion: label for label in labels(queue.rubric_version)}


def test_people_who_differ_wait_for_somebody_else_once_all_have_sealed() -> None:
    queue = one_item()
    reviewed(queue, "ann", 5)
    assert waiting() == []
    reviewed(queue, "bob", 0)
    assert waiting() == [(TASK, "people")]
    cat = reviewer("cat")
    assert selectors.waiting_number(cat.pk) == (1, 0)
    assert selectors.waiting_number(reviewer("ann").pk) == (0, 1)
    assert [row.criteria for row in selectors.waiting_items(person_id=cat.pk)] == [[TASK]]
    assert selectors.next_item(person_id=cat.pk) == an_item(queue).pk
    assert selectors.item_of(item_id=an_item(queue).pk, person_id=reviewer("bob").pk) is None


def test_a_person_who_differs_from_the_judge_waits_too_and_agreeing_does_not() -> None:
    queue = one_item(1)
    reviewed(queue, "ann", 1)
    assert waiting() == [(TASK, "judge")]
    assert by_criterion(queue)[TASK].waits
    assert not by_criterion(queue)["policy"].waits
    other = one_item(1)
    reviewed(other, "bob", 4)
    assert len(waiting()) == 1


def test_another_judge_that_decides_changes_what_waits() -> None:
    queue = one_item(1)
    reviewed(queue, "ann", 1)
    assert waiting() == [(TASK, "judge")]
    CriterionScore.objects.update(value=0)
    disputes_rejudged(episode_ids=[an_item(queue).episode_id])
    assert (TASK, "judge") not in waiting()
    assert ("policy", "judge") in waiting()


def test_letters_hide_who_said_what_and_stay() -> None:
    queue = one_item()
    reviews = [reviewed(queue, "ann", 5), reviewed(queue, "bob", 0)]
    found = selectors.disputed(an_item(queue))
    assert [answer.letter for answer in found[0].answers] == ["A", "B", "C"]
    assert {answer.source for answer in found[0].answers} == {"judge", *(str(review.pk) for review in reviews)}
    assert selectors.disputed(an_item(queue)) == found


def settle(queue: ReviewQueue, choice: str, *, value: int | None = None, note: str = "", who: str = "cat") -> Adjudication:
    rulings = [Ruling(TASK, choice, value, note)]
    return adjudicate(item_id=an_item(queue).pk, by=reviewer(who), rulings=rulings, now=timezone.now())[0]


def letter_of(queue: ReviewQueue, source: str) -> str:
    answers = selectors.disputed(an_item(queue))[0].answers
    return next(answer.letter for answer in answers if answer.source == source)


def test_an_answer_that_is_taken_is_the_label() -> None:
    queue = one_item()
    reviewed(queue, "ann", 5)
    low = reviewed(queue, "bob", 1)
    assert TASK not in by_criterion(queue)
    made = settle(queue, letter_of(queue, str(low.pk)))
    assert (made.outcome, made.review_id, made.value) == ("review", low.pk, 1)
    label = by_criterion(queue)[TASK]
    assert (label.value, label.settled, label.people, label.waits) == (1, "adjudicated", 2, False)
    assert waiting() == []


def test_the_judge_may_be_right_or_nobody() -> None:
    queue = one_item()
    reviewed(queue, "ann", 5)
    reviewed(queue, "bob", 1)
    CriterionScore.objects.filter(criterion__slug=TASK).update(value=2.6)
    judge = settle(queue, letter_of(queue, "judge"))
    assert (judge.outcome, judge.value, judge.review) == ("judge", 3, None)
    adjudication_reopen(adjudication=judge, now=timezone.now())
    new = settle(queue, "new", value=None, who="dan")
    assert (new.outcome, new.value) == ("new", None)
    assert by_criterion(queue)[TASK].value is None
    assert Adjudication.objects.count() == 2, "what was settled first stays to be read"


def test_an_ambiguous_question_has_no_label_and_opens_a_note() -> None:
    queue = one_item()
    reviewed(queue, "ann", 5)
    reviewed(queue, "bob", 0)
    with pytest.raises(AdjudicationError, match="no_note"):
        settle(queue, "ambiguous")
    assert waiting() == [(TASK, "people")]
    settle(queue, "ambiguous", note="Is a refusal a success?")
    assert TASK not in by_criterion(queue)
    assert len(by_criterion(queue)) == len(starter_rubric().criteria) - 1
    note = RubricNote.objects.get()
    assert (note.text, note.criterion.slug, note.kind, note.by) == ("Is a refusal a success?", TASK, "ambiguous", reviewer("cat"))
    note_close(note=note, now=timezone.now())
    note.refresh_from_db()
    assert note.closed


def test_nobody_settles_their_own_nor_what_is_settled_nor_by_no_letter() -> None:
    queue = one_item()
    reviewed(queue, "ann", 5)
    reviewed(queue, "bob", 0)
    for choice, who, code in (("A", "ann", "own"), ("Q", "cat", "no_answer"), ("judge", "cat", "no_answer")):
        with pytest.raises(AdjudicationError, match=code):
            settle(queue, choice, who=who)
    settle(queue, "A")
    with pytest.raises(AdjudicationError, match="not_open"):
        settle(queue, "B", who="dan")
    with pytest.raises(IntegrityError), transaction.atomic():
        row = Adjudication.objects.get()
        Adjudication.objects.create(item=row.item, criterion=row.criterion, cause="judge")


def test_of_two_rulings_on_one_criterion_neither_holds() -> None:
    item = reviewed(one_item(overlap=1), "ann", 0).item
    twice = [Ruling(TASK, "ambiguous", note="When?"), Ruling(TASK, "new", 3)]
    with pytest.raises(AdjudicationError, match="not_open"):
        adjudicate(item_id=item.pk, by=reviewer("bob"), rulings=twice, now=timezone.now())
    assert waiting() == [(TASK, "judge")] and not RubricNote.objects.exists()


def test_who_reviews_the_episode_elsewhere_does_not_meet_it() -> None:
    queue = one_item()
    reviewed(queue, "ann", 5)
    reviewed(queue, "bob", 0)
    item = an_item(queue)
    cat = reviewer("cat")
    other = ReviewQueue.objects.create(slug="other", name="O", rubric_version=queue.rubric_version)
    elsewhere = other.items.create(episode=item.episode, stratum="asked", probability=1, created=timezone.now())
    elsewhere.slots.create(n=1)
    claimed(other, cat)
    assert selectors.waiting_items(person_id=cat.pk) == []
    assert selectors.item_of(item_id=item.pk, person_id=cat.pk) is None


def test_a_dispute_goes_with_its_cause() -> None:
    queue = one_item()
    reviewed(queue, "ann", 5)
    review = reviewed(queue, "bob", 0)
    review_undo(review=review, now=timezone.now())
    assert waiting() == []
    review_seal(review=review, sheet=says(0), token=token_of(review), now=timezone.now())
    assert waiting() == [(TASK, "people")]
    assert isinstance(review_revise(review=review, sheet=says(5), reason="misread", now=timezone.now()), Review)
    assert waiting() == []


def test_labels_take_the_newest_version_and_blind_opinions_the_first() -> None:
    queue = one_item(1)
    review = reviewed(queue, "ann", 4)
    now = timezone.now()
    review_reveal(review=review, now=now)
    review.refresh_from_db()
    review_revise(review=review, sheet=says(5), reason="I see", now=now + timedelta(minutes=1))
    assert [(o.value, o.informed) for o in opinions(queue.rubric_version, criterion__slug=TASK)] == [(5, True)]
    assert [(o.value, o.informed) for o in opinions(queue.rubric_version, blind=True, criterion__slug=TASK)] == [(4, False)]
    assert by_criterion(queue)[TASK].value == 5


def test_only_sealed_and_blind_reviews_are_labels() -> None:
    queue = one_item(3)
    sealed(queue, reviewer("ann"))
    claimed(queue, reviewer("bob"))
    assert {label.people for label in by_criterion(queue).values()} == {1}
    assert by_criterion(queue)[TASK].settled == "single"
    ReviewQueue.objects.update(mode="assisted")
    assert by_criterion(queue) == {}
    assert full().decision == "keep"


def test_labels_are_read_with_few_queries(django_assert_max_num_queries: object) -> None:
    queue = a_queue(4)
    for _ in range(4):
        sealed(queue, reviewer("ann"))
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        assert len(list(labels(queue.rubric_version))) == 4 * len(starter_rubric().criteria)
