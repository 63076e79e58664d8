"""Claims, leases, drafts, sealing: nothing twice, nothing lost."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from judging.engine.review import Sheet
from judging.models import Review, ReviewItem, ReviewSlot
from judging.selectors import reviews as selectors
from judging.services.review_claims import claim_next, draft_resume, leases_expire, slot_assign, slot_release, slot_renew
from judging.services.review_work import (
    UNDO,
    ReviewError,
    draft_save,
    item_reopen,
    review_decline,
    review_later,
    review_reveal,
    review_revise,
    review_seal,
    review_undo,
)
from tests.judging.services.reviewing import a_queue, an_item, claimed, full, reviewer, sealed, token_of

pytestmark = pytest.mark.django_db

SOON = timedelta(minutes=21)


def test_one_slot_is_claimed_once_and_asking_again_gives_the_same() -> None:
    queue, ann, bob = a_queue(1), reviewer("ann"), reviewer("bob")
    mine = claimed(queue, ann)
    assert claimed(queue, ann).pk == mine.pk
    assert claim_next(queue=queue, reviewer_id=bob.pk, now=timezone.now()) is None


def test_nobody_gets_an_item_twice_and_started_items_come_first() -> None:
    queue, ann, bob = a_queue(3, overlap=2), reviewer("ann"), reviewer("bob")
    first = sealed(queue, ann)
    second = claimed(queue, ann)
    assert first.item_id != second.item_id
    assert claimed(queue, bob).item_id == first.item_id
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewSlot.objects.filter(item=second.item_id, holder=None).update(state="held", holder=ann.pk, lease_until=timezone.now())


def test_a_lapsed_lease_is_served_again_and_late_work_is_kept() -> None:
    queue, ann, bob = a_queue(1), reviewer("ann"), reviewer("bob")
    mine = claimed(queue, ann)
    token = token_of(mine)
    draft_save(review=mine, sheet=full(comment="half"), token=token, now=timezone.now())
    assert leases_expire(now=timezone.now()) == 0
    assert leases_expire(now=timezone.now() + SOON) == 1
    theirs = sealed(queue, bob)
    mine = Review.objects.get(pk=mine.pk)
    assert (mine.state, mine.comment, mine.slot_id) == ("draft", "half", None)
    assert review_seal(review=mine, sheet=full(), token=token, now=timezone.now()).late
    mine.refresh_from_db()
    assert (mine.state, mine.late) == ("sealed", True)
    assert mine.item_id == theirs.item_id
    assert an_item(queue).state == "done"


def test_whoever_comes_back_in_time_gets_a_slot_again() -> None:
    queue, ann = a_queue(1), reviewer("ann")
    mine = claimed(queue, ann)
    old = token_of(mine)
    leases_expire(now=timezone.now() + SOON)
    mine = draft_resume(review=mine, now=timezone.now())
    assert mine.slot is not None
    with pytest.raises(ReviewError, match="elsewhere"):
        draft_save(review=mine, sheet=full(), token=old, now=timezone.now())
    assert not review_seal(review=mine, sheet=full(), token=token_of(mine), now=timezone.now()).late


def test_a_lease_that_was_renewed_does_not_lapse() -> None:
    queue, ann = a_queue(1), reviewer("ann")
    mine = claimed(queue, ann)
    assert slot_renew(review=mine, now=timezone.now() + timedelta(minutes=10)) is not None
    assert leases_expire(now=timezone.now() + SOON) == 0


def test_sealing_asks_for_what_is_missing_and_keeps_the_draft() -> None:
    queue, ann = a_queue(1), reviewer("ann")
    mine = claimed(queue, ann)
    outcome = review_seal(review=mine, sheet=Sheet(comment="wait", first_error=999), token=token_of(mine), now=timezone.now())
    assert [flaw.lack for flaw in outcome.flaws] == ["no_value"] * 6 + ["no_event", "no_decision"]
    mine.refresh_from_db()
    assert (mine.state, mine.comment) == ("draft", "wait")


def test_a_sealed_review_is_written_no_more() -> None:
    queue, ann = a_queue(1), reviewer("ann")
    mine = sealed(queue, ann)
    for act in (draft_save, review_seal):
        with pytest.raises(ReviewError, match="not_open"):
            act(review=mine, sheet=full("drop"), token="", now=timezone.now())
    mine.refresh_from_db()
    assert mine.decision == "keep"
    assert an_item(queue).state == "done"


def test_later_keeps_the_draft_and_frees_the_slot() -> None:
    queue, ann, bob = a_queue(1), reviewer("ann"), reviewer("bob")
    mine = claimed(queue, ann)
    draft_save(review=mine, sheet=full(comment="half"), token=token_of(mine), now=timezone.now())
    review_later(review=mine)
    assert claim_next(queue=queue, reviewer_id=ann.pk, now=timezone.now()) is None
    assert [draft.comment for draft in selectors.drafts(ann.pk)] == ["half"]
    assert claimed(queue, bob).item_id == mine.item_id


def test_declining_needs_a_reason_and_is_for_good() -> None:
    queue, ann, bob = a_queue(1), reviewer("ann"), reviewer("bob")
    mine = claimed(queue, ann)
    with pytest.raises(ReviewError, match="no_reason"):
        review_decline(review=mine, reason="  ")
    review_decline(review=mine, reason="I know the case")
    assert claim_next(queue=queue, reviewer_id=ann.pk, now=timezone.now()) is None
    assert claimed(queue, bob).item_id == mine.item_id


def test_a_broken_episode_leaves_the_queue_until_somebody_disagrees() -> None:
    queue, ann, bob = a_queue(1, overlap=2), reviewer("ann"), reviewer("bob")
    review_decline(review=claimed(queue, ann), reason="the log stops", broken=True)
    assert an_item(queue).state == "broken"
    assert claim_next(queue=queue, reviewer_id=bob.pk, now=timezone.now()) is None
    item_reopen(item_id=an_item(queue).pk)
    assert claimed(queue, bob).item_id == an_item(queue).pk


def test_undo_is_for_a_moment_and_for_those_who_have_seen_nothing() -> None:
    queue, ann = a_queue(2), reviewer("ann")
    first = sealed(queue, ann)
    review_undo(review=first, now=timezone.now())
    first = Review.objects.get(pk=first.pk)
    assert first.state == "draft"
    assert first.slot is not None and first.slot.state == "held"
    assert ReviewItem.objects.get(pk=first.item_id).state == "started"
    review_seal(review=first, sheet=full(), token=token_of(first), now=timezone.now())
    with pytest.raises(ReviewError, match="too_late"):
        review_undo(review=first, now=timezone.now() + UNDO + timedelta(seconds=1))
    review_reveal(review=first, now=timezone.now())
    with pytest.raises(ReviewError, match="too_late"):
        review_undo(review=first, now=timezone.now())


def test_a_revision_has_a_reason_and_leaves_the_first_version() -> None:
    queue, ann = a_queue(1), reviewer("ann")
    first = sealed(queue, ann)
    with pytest.raises(ReviewError, match="no_reason"):
        review_revise(review=first, sheet=full("drop"), reason="", now=timezone.now())
    second = review_revise(review=first, sheet=full("drop"), reason="saw the date", now=timezone.now())
    assert isinstance(second, Review)
    assert [row.decision for row in selectors.versions_of(first)] == ["drop", "keep"]
    with pytest.raises(ReviewError, match="not_open"):
        review_revise(review=first, sheet=full("fix"), reason="again", now=timezone.now())
    assert [row.pk for row in selectors.recent(reviewer_id=ann.pk)] == [second.pk]


def test_a_manager_takes_and_gives() -> None:
    queue, ann, bob = a_queue(1), reviewer("ann"), reviewer("bob")
    mine = claimed(queue, ann)
    slot = mine.slot_id
    assert slot is not None
    assert slot_release(slot_id=slot)
    assert not slot_release(slot_id=slot)
    given = slot_assign(slot_id=slot, reviewer_id=bob.pk, now=timezone.now())
    assert given is not None and given.reviewer_id == bob.pk
    assert slot_assign(slot_id=slot, reviewer_id=ann.pk, now=timezone.now()) is None


def test_what_is_blind_ends_with_the_seal() -> None:
    queue, ann = a_queue(1), reviewer("ann")
    episode = an_item(queue).episode_id
    assert not selectors.is_blind(reviewer_id=ann.pk, episode_id=episode)
    mine = claimed(queue, ann)
    assert selectors.is_blind(reviewer_id=ann.pk, episode_id=episode)
    review_later(review=mine)
    assert selectors.is_blind(reviewer_id=ann.pk, episode_id=episode)
    mine = draft_resume(review=mine, now=timezone.now())
    review_seal(review=mine, sheet=full(), token=token_of(mine), now=timezone.now())
    assert not selectors.is_blind(reviewer_id=ann.pk, episode_id=episode)
