"""Cards of reviewers: right on gold, agreeing with others, with what was settled, with themselves; and questions that people dispute."""

from datetime import timedelta

import pytest
from django.utils import timezone

from judging.models import CriterionScore, Review, ReviewQueue
from judging.selectors.reviewer_cards import Card, Share, cards
from judging.selectors.worksheets import criterion_get, standings, worksheet
from judging.services import starter_rubric
from judging.services.adjudications import Ruling, adjudicate, note_add
from judging.services.review_probes import gold_mark, probe_take
from judging.services.review_work import review_seal
from tests.judging.services.reviewing import a_queue, an_item, claimed, full, reviewer, sealed, token_of

pytestmark = pytest.mark.django_db

NUMBER = len(starter_rubric().criteria)


def card_of(name: str) -> Card:
    return next(card for card in cards() if card.username == name)


def probe(queue: ReviewQueue, name: str, value: int, **shares: float) -> Review:
    """The probe that ``name`` gets, sealed with ``value`` everywhere."""
    queue.gold_share, queue.repeat_share, queue.repeat_hours = shares.get("gold", 0.0), shares.get("repeat", 0.0), 0
    review = probe_take(queue=queue, reviewer_id=reviewer(name).pk, now=timezone.now())
    assert review is not None
    assert not review_seal(review=review, sheet=full(value=value), token=token_of(review), now=timezone.now()).flaws
    return review


def test_agreement_with_others_and_with_what_was_settled() -> None:
    queue = a_queue(1, overlap=3, gold_share=0.0, repeat_share=0.0)
    CriterionScore.objects.update(value=5)
    for name, value in (("ann", 5), ("bob", 4), ("cat", 0)):
        sealed(queue, reviewer(name), value=value)
    assert card_of("ann").others == Share(NUMBER, 2 * NUMBER)
    assert card_of("cat").others == Share(0, 2 * NUMBER)
    assert card_of("ann").settled == Share(0, 0) and card_of("ann").settled.percent is None
    adjudicate(item_id=an_item(queue).pk, by=reviewer("dan"), rulings=[Ruling("task_success", "new", 4)], now=timezone.now())
    assert card_of("bob").settled == Share(1, 1)
    assert card_of("cat").settled == Share(0, 1)
    assert [card.username for card in cards(reviewer_id=reviewer("bob").pk)] == ["bob"]
    assert cards(reviewer_id=reviewer("bob").pk)[0].others == Share(NUMBER, 2 * NUMBER)


def test_gold_and_repeats() -> None:
    queue = a_queue(2, gold_share=0.0, repeat_share=0.0)
    item = sealed(queue, reviewer("ann")).item
    gold_mark(item=item, expected={"policy": 5, "efficiency": 1}, by=reviewer("olga"), now=timezone.now())
    probe(queue, "bob", 5, gold=1.0)
    probe(queue, "ann", 0, repeat=1.0)
    assert card_of("bob").gold == Share(1, 2)
    assert card_of("bob").others == card_of("ann").others == Share(0, 0), "a probe is compared with nobody else"
    assert card_of("ann").own == Share(0, NUMBER)
    earlier = timezone.now() - timedelta(hours=1)
    mine = cards(reviewer_id=reviewer("bob").pk, probes_until=earlier)[0]
    assert mine.gold == Share(0, 0) and mine.sealed == 1, "today's gold is not told yet"


def test_how_fast() -> None:
    queue = a_queue(2)
    for _ in range(2):
        review = claimed(queue, reviewer("ann"))
        review_seal(review=review, sheet=full(active_seconds=360), token=token_of(review), now=timezone.now())
    card = card_of("ann")
    assert (card.minutes, card.per_hour) == (12, 10.0)


def test_questions_that_people_dispute_come_first() -> None:
    queue = a_queue(5, overlap=2, gold_share=0.0, repeat_share=0.0)
    CriterionScore.objects.update(value=5)
    for name, values in (("ann", (5,) * 5), ("bob", (5, 0, 0, 0, 5))):
        for value in values:
            review = claimed(queue, reviewer(name))
            answers = [a if a.criterion != "policy" else type(a)("policy", True, value, "seen", [1]) for a in full().answers]
            review_seal(review=review, sheet=full(answers=answers), token=token_of(review), now=timezone.now())
    found = {row.criterion.slug: row for row in standings()}
    assert (found["policy"].agree, found["policy"].pairs, found["policy"].waiting) == (2, 5, 3)
    assert found["task_success"].percent == 100
    assert standings()[0].criterion.slug == "policy"
    assert not found["policy"].disputed, "five pairs are not enough"
    cat = reviewer("cat")
    for item in queue.items.filter(adjudications__isnull=False)[:2]:
        adjudicate(item_id=item.pk, by=cat, rulings=[Ruling("policy", "ambiguous", None, "which rule?")], now=timezone.now())
    found = {row.criterion.slug: row for row in standings()}
    assert found["policy"].disputed and (found["policy"].ambiguous, found["policy"].notes) == (2, 2)


def test_a_worksheet_names_nobody_and_leaves_out_what_its_reader_reviews_blind() -> None:
    queue = a_queue(1)
    CriterionScore.objects.update(value=5)
    sealed(queue, reviewer("ann"), "drop", 0)
    criterion = an_item(queue).adjudications.get(criterion__slug="policy").criterion
    note_add(criterion=criterion, text="say which rule", by=None, author="a model", now=timezone.now())
    found = criterion_get(criterion.pk)
    assert found is not None
    sheet = worksheet(found, viewer_id=reviewer("cat").pk)
    assert sorted(said.value for said in sheet.cases[0].answers if said.value is not None) == [0, 5]
    assert sheet.notes == ["say which rule"]
    assert "ann" not in str(sheet)
    other = ReviewQueue.objects.create(slug="other", name="O", rubric_version=queue.rubric_version)
    item = other.items.create(episode=an_item(queue).episode, stratum="asked", probability=1, created=timezone.now())
    item.slots.create(n=1)
    claimed(other, reviewer("cat"))
    assert worksheet(found, viewer_id=reviewer("cat").pk).cases == []
