"""Review queues as their managers see them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

from django.db.models import Count, Min, Q, Sum

from judging.models import ItemState, Review, ReviewItem, ReviewQueue, ReviewSlot, ReviewState, SlotState
from judging.models.review_queue import OPEN_STATES

USUAL_MINUTES = 4.0
"""Of one review, before there are enough to know."""
ENOUGH = 10
SAMPLE = 200


class QueueLoad(NamedTuple):
    """What is in a queue: items by state, reviews still wanted, minutes that one takes (median), hours left, age of the oldest."""

    queue: ReviewQueue
    waiting: int
    started: int
    done: int
    broken: int
    slots: int
    minutes: float
    hours: float
    oldest: datetime | None


class ReviewerCard(NamedTuple):
    """One person in a queue: sealed, declined and open reviews, late ones, minutes at work, when they sealed last."""

    username: str
    sealed: int
    declined: int
    drafts: int
    late: int
    minutes: int


def load_of(queue: ReviewQueue) -> QueueLoad:
    """What is in the queue and how long it will take."""
    states = {state: Count("pk", filter=Q(state=state)) for state in ItemState.values}
    counts = queue.items.filter(probe="").aggregate(**states, oldest=Min("created", filter=Q(state__in=OPEN_STATES)))
    slots = ReviewSlot.objects.filter(
        item__queue=queue, item__probe="", item__state__in=OPEN_STATES, state__in=[SlotState.FREE, SlotState.HELD]
    ).count()
    minutes = minutes_a_review(queue)
    return QueueLoad(
        queue=queue,
        waiting=counts["waiting"],
        started=counts["started"],
        done=counts["done"],
        broken=counts["broken"],
        slots=slots,
        minutes=minutes,
        hours=slots * minutes / 60,
        oldest=counts["oldest"],
    )


def minutes_a_review(queue: ReviewQueue) -> float:
    """The median of the newest sealed reviews of the queue, once there are enough."""
    rows = Review.objects.filter(item__queue=queue, state=ReviewState.SEALED, revises=None, active_seconds__gt=0).order_by("-pk")
    seconds = list(rows.values_list("active_seconds", flat=True)[:SAMPLE])
    return median(seconds) / 60 if len(seconds) >= ENOUGH else USUAL_MINUTES


def cards(queue: ReviewQueue) -> list[ReviewerCard]:
    """Everybody who had an item of the queue, busiest first."""
    rows = Review.objects.filter(item__queue=queue, revises=None).order_by().values_list("reviewer__username")
    counted = rows.annotate(
        sealed_n=Count("pk", filter=Q(state=ReviewState.SEALED)),
        declined_n=Count("pk", filter=Q(state__in=[ReviewState.DECLINED, ReviewState.BROKEN])),
        drafts_n=Count("pk", filter=Q(state=ReviewState.DRAFT)),
        late_n=Count("pk", filter=Q(late=True)),
        seconds=Sum("active_seconds"),
    ).order_by("-sealed_n", "reviewer__username")
    return [ReviewerCard(name, sealed, left, open_, late, round(time / 60)) for name, sealed, left, open_, late, time in counted]


def held(queue: ReviewQueue, *, after: int | None = None, limit: int = 50) -> Sequence[ReviewSlot]:
    """Slots that somebody holds, in order."""
    rows = ReviewSlot.objects.filter(item__queue=queue, state=SlotState.HELD).select_related("item", "holder")
    return list((rows.filter(pk__gt=after) if after else rows).order_by("pk")[:limit])


def broken(queue: ReviewQueue, limit: int = 50) -> Sequence[Review]:
    """Who called which items broken and why, newest first."""
    rows = Review.objects.filter(item__queue=queue, item__state=ItemState.BROKEN, state=ReviewState.BROKEN)
    return list(rows.select_related("item", "reviewer").order_by("-pk")[:limit])


def declined(queue: ReviewQueue, limit: int = 20) -> Sequence[Review]:
    """Who left which items to others and why, newest first."""
    rows = Review.objects.filter(item__queue=queue, state=ReviewState.DECLINED)
    return list(rows.select_related("item", "reviewer").order_by("-pk")[:limit])


def slot_get(slot_id: int) -> ReviewSlot | None:
    """A slot with its item and queue, or None."""
    return ReviewSlot.objects.select_related("item__queue", "holder").filter(pk=slot_id).first()


def item_get(item_id: int) -> ReviewItem | None:
    """An item with its queue, or None."""
    return ReviewItem.objects.select_related("queue").filter(pk=item_id).first()


def sealed_since(queue: ReviewQueue, now: datetime, days: int = 7) -> int:
    """How many reviews were sealed in the last days."""
    return Review.objects.filter(item__queue=queue, state=ReviewState.SEALED, revises=None, sealed__gte=now - timedelta(days=days)).count()


class Backlog(NamedTuple):
    """What waits for people in all queues: items, reviews still wanted, and when the oldest item came in."""

    items: int
    reviews: int
    oldest: datetime | None


def backlog() -> Backlog:
    """Two queries, however many queues there are."""
    items = ReviewItem.objects.filter(state__in=OPEN_STATES, probe="").aggregate(n=Count("pk"), oldest=Min("created"))
    slots = ReviewSlot.objects.filter(item__probe="", item__state__in=OPEN_STATES, state__in=[SlotState.FREE, SlotState.HELD]).count()
    return Backlog(items["n"], slots, items["oldest"])
