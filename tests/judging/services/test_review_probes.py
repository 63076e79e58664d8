"""Gold and repeated items: among the work, for one person, once, and counted nowhere as work or label."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from judging.models import GoldItem, Review, ReviewItem, ReviewQueue
from judging.selectors import reviews as selectors
from judging.selectors.labels import labels
from judging.selectors.measures import review_slots_by_state
from judging.selectors.review_overview import backlog, load_of
from judging.services import starter_rubric
from judging.services.review_claims import claim_next, draft_resume, leases_expire, slot_assign
from judging.services.review_probes import GoldError, gold_mark, gold_unmark, probe_take
from judging.services.review_work import review_decline, review_later
from tests.judging.services.reviewing import a_queue, claimed, reviewer, sealed

pytestmark = pytest.mark.django_db

ALL_FIVE = {criterion.id: 5 for criterion in starter_rubric().criteria}


def with_gold(items: int = 4, **fields: object) -> tuple[ReviewQueue, ReviewItem]:
    """A queue whose first item ann sealed, and olga marked as gold."""
    queue = a_queue(items, **{"gold_share": 0.0, "repeat_share": 0.0, **fields})
    item = sealed(queue, reviewer("ann")).item
    gold_mark(item=item, expected=ALL_FIVE, by=reviewer("olga"), now=timezone.now())
    return queue, item


def always(queue: ReviewQueue, who: User, *, gold: float = 0.0, repeat: float = 0.0) -> Review | None:
    """The probe that this person gets when every lot asks for one."""
    queue.gold_share, queue.repeat_share = gold, repeat
    return probe_take(queue=queue, reviewer_id=who.pk, now=timezone.now())


def test_gold_is_another_round_for_one_person_once() -> None:
    queue, item = with_gold()
    bob = reviewer("bob")
    made = always(queue, bob, gold=1)
    assert made is not None
    round_of = made.item
    assert (round_of.origin_id, round_of.probe, round_of.probed, round_of.episode_id) == (item.pk, "gold", bob, item.episode_id)
    assert round_of.pk > item.pk
    assert made.slot is not None and (made.slot.holder, made.slot.state) == (bob, "held")
    assert always(queue, bob, gold=1) is None
    assert selectors.is_blind(reviewer_id=bob.pk, episode_id=item.episode_id)


@pytest.mark.parametrize("who", ["ann", "olga"], ids=["had it", "made it"])
def test_who_knows_the_item_does_not_get_it_as_gold(who: str) -> None:
    queue, _item = with_gold()
    assert always(queue, reviewer(who), gold=1) is None


def test_repeats_come_later_and_once() -> None:
    queue = a_queue(3, gold_share=0.0, repeat_share=0.0)
    ann = reviewer("ann")
    review = sealed(queue, ann)
    assert always(queue, ann, repeat=1) is None, "a day has not gone by"
    Review.objects.update(sealed=timezone.now() - timedelta(hours=25))
    made = always(queue, ann, repeat=1)
    assert made is not None and made.item.origin_id == review.item_id
    assert always(queue, ann, repeat=1) is None
    assert always(queue, reviewer("bob"), repeat=1) is None


def test_the_lot_is_asked_at_every_claim_and_only_while_there_is_work() -> None:
    queue, _ = with_gold(8, gold_share=0.5)
    kinds = []
    for n in range(8):
        review = claimed(queue, reviewer(f"r{n}"))
        kinds.append(review.item.probe)
        review_decline(review=review, reason="no")
    assert set(kinds) == {"", "gold"}
    ReviewItem.objects.filter(probe="").update(state="done")
    for n in range(8, 30):
        assert claim_next(queue=queue, reviewer_id=reviewer(f"r{n}").pk, now=timezone.now()) is None


def test_a_lapsed_probe_waits_for_its_person_alone() -> None:
    queue, _ = with_gold(1)
    bob, cat = reviewer("bob"), reviewer("cat")
    made = always(queue, bob, gold=1)
    assert made is not None
    assert leases_expire(now=timezone.now() + timedelta(hours=1)) == 1
    assert [row.items for row in selectors.waiting(cat.pk)] == [0]
    assert claim_next(queue=queue, reviewer_id=cat.pk, now=timezone.now()) is None
    made = draft_resume(review=Review.objects.get(pk=made.pk), now=timezone.now())
    assert made.slot is not None and made.slot.holder == bob
    assert slot_assign(slot_id=made.slot.pk, reviewer_id=cat.pk, now=timezone.now()) is None
    review_later(review=made)
    assert [draft.pk for draft in selectors.drafts(bob.pk)] == [made.pk]


def test_probes_are_neither_work_nor_labels() -> None:
    queue, item = with_gold(2)
    before = load_of(queue), backlog(), review_slots_by_state(), list(labels(queue.rubric_version))
    bob = reviewer("bob")
    made = always(queue, bob, gold=1)
    assert made is not None
    assert claimed(queue, bob).pk == made.pk
    assert (load_of(queue), backlog(), review_slots_by_state()) == before[:3]
    sealed(queue, bob, "drop", 0)
    assert list(labels(queue.rubric_version)) == before[3]
    assert load_of(queue).slots == before[0].slots
    assert not item.adjudications.exists() and not made.item.adjudications.exists()


def test_only_blind_queues_probe() -> None:
    queue, _ = with_gold(2, mode="audit")
    assert always(queue, reviewer("bob"), gold=1) is None


def test_gold_needs_an_item_that_is_done_and_values_that_can_be() -> None:
    queue, item = with_gold(2)
    olga = reviewer("olga")
    for wrong, expected, code in (
        (queue.items.exclude(pk=item.pk).get(), ALL_FIVE, "not_done"),
        (item, {}, "no_answer"),
        (item, {"policy": 6}, "out_of_range"),
    ):
        with pytest.raises(GoldError, match=code):
            gold_mark(item=wrong, expected=expected, by=olga, now=timezone.now())
    gold_mark(item=item, expected={"policy": None}, by=olga, now=timezone.now())
    assert GoldItem.objects.get().expected == {"policy": None}
    gold_unmark(item=item)
    assert always(queue, reviewer("bob"), gold=1) is None


def test_one_round_a_person_is_a_constraint() -> None:
    queue, item = with_gold(1)
    made = always(queue, reviewer("bob"), gold=1)
    assert made is not None
    again = {"queue": queue, "episode": item.episode, "stratum": "asked", "probability": 1, "created": timezone.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewItem.objects.create(**again, probe="repeat", origin=item, probed=reviewer("bob"))
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewItem.objects.create(**again, probe="gold", origin=item)
