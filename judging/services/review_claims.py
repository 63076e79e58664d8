"""Who holds what of a review queue: claims, leases, handing back.

Every change of a slot is one conditional UPDATE under a lock on its item, so that of two who want it one gets it, on SQLite and PostgreSQL
alike. What somebody has filled in stays theirs whatever becomes of their slot.
"""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from judging.models import ItemState, Review, ReviewItem, ReviewQueue, ReviewSlot, ReviewState, SlotState
from judging.models.review_queue import OPEN_STATES
from judging.services.review_locks import item_lock
from judging.services.review_probes import probe_take

TRIES = 50
"""How often a claim looks again after somebody else was quicker."""
EXPIRED_AT_ONCE = 500


def claim_next(*, queue: ReviewQueue, reviewer_id: int, now: datetime) -> Review | None:
    """The next item for this person, as an empty review; what they hold already comes before anything new. None: nothing waits for them.

    Items that somebody has begun come first, then by priority; never one that this person had before. Now and then the lot puts a probe in
    their place: only while there is work, so that nobody is kept busy by probes alone.
    """
    held = Review.objects.filter(
        item__queue=queue, reviewer_id=reviewer_id, state=ReviewState.DRAFT, slot__state=SlotState.HELD, slot__lease_until__gt=now
    )
    if (mine := held.order_by("pk").first()) is not None:
        slot_renew(review=mine, now=now)
        return mine
    for tried in range(TRIES):
        item_id = _next_item(queue.pk, reviewer_id)
        if item_id is None:
            return None
        if not tried and (probe := probe_take(queue=queue, reviewer_id=reviewer_id, now=now)) is not None:
            return probe
        review = _take(item_id, reviewer_id, queue.lease_minutes, now)
        if review is not None:
            return review
    return None


def _next_item(queue_id: int, reviewer_id: int) -> int | None:
    free = ReviewSlot.objects.filter(item=OuterRef("pk"), state=SlotState.FREE)
    mine = Review.objects.filter(item=OuterRef("pk"), reviewer_id=reviewer_id)
    for state in OPEN_STATES:
        items = ReviewItem.objects.filter(Exists(free), ~Exists(mine), queue_id=queue_id, state=state, probe="")
        item_id = items.order_by("-priority", "pk").values_list("pk", flat=True).first()
        if item_id is not None:
            return item_id
    return None


def _take(item_id: int, reviewer_id: int, minutes: int, now: datetime) -> Review | None:
    """Take a slot for somebody who never had the item; None when others, or the same person elsewhere, were quicker."""
    with transaction.atomic():
        item_lock(item_id)
        if Review.objects.filter(item_id=item_id, reviewer_id=reviewer_id).exists():
            return None
        slot_id = hold_free(item_id=item_id, reviewer_id=reviewer_id, until=now + timedelta(minutes=minutes))
        if slot_id is None:
            return None
        return Review.objects.create(item_id=item_id, slot_id=slot_id, reviewer_id=reviewer_id, started=now)


def hold_free(*, item_id: int, reviewer_id: int, until: datetime) -> int | None:
    """Take any free slot of a locked item; None when there is none."""
    slots = ReviewSlot.objects.filter(item_id=item_id, state=SlotState.FREE)
    slot_id = slots.order_by("n").values_list("pk", flat=True).first()
    held = {"state": SlotState.HELD, "holder_id": reviewer_id, "token": secrets.token_hex(8), "lease_until": until}
    if slot_id is None or not slots.filter(pk=slot_id).update(**held):
        return None
    ReviewItem.objects.filter(pk=item_id, state=ItemState.WAITING).update(state=ItemState.STARTED)
    return slot_id


def draft_resume(*, review: Review, now: datetime) -> Review:
    """Go on with a draft that was put off or whose lease ran out: take a free slot of its item again, if there is one.

    Without one the draft can still be finished; it then is an extra review.
    """
    until = now + timedelta(minutes=review.item.queue.lease_minutes)
    with transaction.atomic():
        item_lock(review.item_id)
        review.refresh_from_db(fields=["slot", "state"])
        if review.state == ReviewState.DRAFT and not slot_renew(review=review, now=now):
            slot_id = hold_free(item_id=review.item_id, reviewer_id=review.reviewer_id, until=until)
            Review.objects.filter(pk=review.pk).update(slot=slot_id)
        review.refresh_from_db(fields=["slot", "state"])
    return review


def slot_renew(*, review: Review, now: datetime) -> datetime | None:
    """Prolong the lease of a draft; the new end, or None when its slot is no longer its reviewer's."""
    until = now + timedelta(minutes=review.item.queue.lease_minutes)
    held = ReviewSlot.objects.filter(pk=review.slot_id or 0, holder_id=review.reviewer_id, state=SlotState.HELD)
    return until if held.update(lease_until=until) else None


def slot_release(*, slot_id: int) -> bool:
    """Take a held slot from its holder, who keeps the draft. False when nobody holds it."""
    with transaction.atomic():
        item_lock(ReviewSlot.objects.values_list("item_id", flat=True).get(pk=slot_id))
        return bool(free(ReviewSlot.objects.filter(pk=slot_id)))


def free(slots: QuerySet[ReviewSlot]) -> int:
    """Free those of ``slots``, all of one locked item, that are held; returns how many."""
    held = list(slots.filter(state=SlotState.HELD).values_list("pk", flat=True))
    Review.objects.filter(slot_id__in=held).update(slot=None)
    return ReviewSlot.objects.filter(pk__in=held).update(state=SlotState.FREE, holder=None, token="", lease_until=None)


def leases_expire(*, now: datetime) -> int:
    """Free the slots whose leases have run out; returns how many."""
    lapsed = ReviewSlot.objects.filter(state=SlotState.HELD, lease_until__lt=now).order_by("lease_until")
    freed = 0
    for slot_id, item_id in list(lapsed.values_list("pk", "item_id")[:EXPIRED_AT_ONCE]):
        with transaction.atomic():
            item_lock(item_id)
            # Still lapsed? Its holder may have come back since.
            freed += free(lapsed.filter(pk=slot_id))
    return freed


def slot_assign(*, slot_id: int, reviewer_id: int, now: datetime) -> Review | None:
    """Give somebody a slot of the item, taking this one from its holder if need be. None when they had the item before, or when it
    is somebody's probe.
    """
    slot = ReviewSlot.objects.select_related("item__queue").get(pk=slot_id)
    if slot.item.probe:
        return None
    with transaction.atomic():
        item_lock(slot.item_id)
        if Review.objects.filter(item_id=slot.item_id, reviewer_id=reviewer_id).exists():
            return None
        free(ReviewSlot.objects.filter(pk=slot_id))
        return _take(slot.item_id, reviewer_id, slot.item.queue.lease_minutes, now)
