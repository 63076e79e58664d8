"""Review queues as their managers see them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

from django.db.models import Count, Min, Q

from judging.models import Adjudication, GoldItem, ItemState, Review, ReviewItem, ReviewQueue, ReviewSlot, ReviewState, SlotState
from judging.models.review_queue import OPEN_STATES
from judging.selectors.reviews import blind_episodes

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


class Ages(NamedTuple):
    """Open items by how long they have waited: under a day, up to three, up to a week, longer."""

    day: int
    days: int
    week: int
    older: int


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


def ages_of(queue: ReviewQueue, now: datetime) -> Ages:
    """How long what is open has waited."""
    day, days, week = (now - timedelta(days=days) for days in (1, 3, 7))
    counts = queue.items.filter(probe="", state__in=OPEN_STATES).aggregate(
        day=Count("pk", filter=Q(created__gte=day)),
        days=Count("pk", filter=Q(created__lt=day, created__gte=days)),
        week=Count("pk", filter=Q(created__lt=days, created__gte=week)),
        older=Count("pk", filter=Q(created__lt=week)),
    )
    return Ages(**counts)


class Standing(NamedTuple):
    """Beside the work of a queue: criteria that wait to be settled, those settled, and gold items given out."""

    waiting: int
    settled: int
    golds: int


def standing_of(queue: ReviewQueue) -> Standing:
    """Disputes and gold of a queue."""
    rows = Adjudication.objects.filter(item__queue=queue, current=True)
    counts = rows.aggregate(waiting=Count("pk", filter=Q(outcome="")), settled=Count("pk", filter=~Q(outcome="")))
    return Standing(counts["waiting"], counts["settled"], GoldItem.objects.filter(item__queue=queue, active=True).count())


def held(queue: ReviewQueue, *, after: int | None = None, limit: int = 50) -> Sequence[ReviewSlot]:
    """Slots that somebody holds, in order."""
    rows = ReviewSlot.objects.filter(item__queue=queue, state=SlotState.HELD).select_related("item", "holder")
    return list((rows.filter(pk__gt=after) if after else rows).order_by("pk")[:limit])


def broken(queue: ReviewQueue, *, viewer_id: int, limit: int = 50) -> Sequence[Review]:
    """Who called which items broken and why, newest first; not of episodes that the viewer is reviewing blind."""
    rows = Review.objects.filter(item__queue=queue, item__state=ItemState.BROKEN, state=ReviewState.BROKEN)
    rows = rows.exclude(item__episode__in=blind_episodes(viewer_id))
    return list(rows.select_related("item", "reviewer").order_by("-pk")[:limit])


def declined(queue: ReviewQueue, *, viewer_id: int, limit: int = 20) -> Sequence[Review]:
    """Who left which items to others and why, newest first; not of episodes that the viewer is reviewing blind."""
    rows = Review.objects.filter(item__queue=queue, state=ReviewState.DECLINED)
    rows = rows.exclude(item__episode__in=blind_episodes(viewer_id))
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
