"""Gold and repeated items: another round of an item, made for one person at the moment of their claim.

A round is an item of its own, with one slot that is held from its first moment: so whatever holds of claims holds of probes, nobody else
can meet it, and its number is as new as that of any item.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef

from judging.engine.probes import lot_of, pick, probe_of
from judging.models import (
    Adjudication,
    GoldItem,
    ItemState,
    Review,
    ReviewItem,
    ReviewMode,
    ReviewQueue,
    ReviewSlot,
    ReviewState,
    SlotState,
)
from judging.services.review_locks import item_lock

CANDIDATES = 500
"""Among how many the lot chooses."""


class GoldError(ValueError):
    """The item cannot be gold. ``code``: ``not_done`` (people still review it), ``probe``, ``no_answer`` (nothing is expected),
    ``out_of_range`` (values are 0-5).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def probe_take(*, queue: ReviewQueue, reviewer_id: int, now: datetime) -> Review | None:
    """A probe in place of the next item, if this person's lot says so and there is one for them. Only where people review blind."""
    if queue.mode != ReviewMode.BLIND or queue.gold_share + queue.repeat_share <= 0:
        return None
    last = Review.objects.filter(reviewer_id=reviewer_id).order_by("-pk").values_list("pk", flat=True).first() or 0
    lot = lot_of(settings.SECRET_KEY.encode(), queue.pk, reviewer_id, last)
    kind = probe_of(lot, queue.gold_share, queue.repeat_share)
    if not kind:
        return None
    found = _golds(queue, reviewer_id) if kind == "gold" else _repeats(queue, reviewer_id, now)
    return _probe(found[pick(lot, len(found))], kind, reviewer_id, queue.lease_minutes, now) if found else None


def _golds(queue: ReviewQueue, reviewer_id: int) -> list[int]:
    """Gold items that this person neither had, nor was given, nor settled, nor made."""
    mine = Review.objects.filter(item=OuterRef("item"), reviewer_id=reviewer_id)
    given = ReviewItem.objects.filter(origin=OuterRef("item"), probed_id=reviewer_id)
    ruled = Adjudication.objects.filter(item=OuterRef("item"), by_id=reviewer_id)
    rows = GoldItem.objects.filter(
        ~Exists(mine), ~Exists(given), ~Exists(ruled), item__queue=queue, item__state=ItemState.DONE, active=True
    )
    return list(rows.exclude(by_id=reviewer_id).order_by("-pk").values_list("item", flat=True)[:CANDIDATES])


def _repeats(queue: ReviewQueue, reviewer_id: int, now: datetime) -> list[int]:
    """Items that this person sealed a while ago and was not given again yet."""
    given = ReviewItem.objects.filter(origin=OuterRef("item"), probed_id=reviewer_id)
    rows = Review.objects.filter(
        ~Exists(given),
        reviewer_id=reviewer_id,
        state=ReviewState.SEALED,
        revises=None,
        item__queue=queue,
        item__probe="",
        sealed__lte=now - timedelta(hours=queue.repeat_hours),
    )
    return list(rows.order_by("-pk").values_list("item", flat=True)[:CANDIDATES])


def _probe(origin_id: int, kind: str, reviewer_id: int, minutes: int, now: datetime) -> Review | None:
    """The round itself; None when another window of the same person was quicker."""
    with transaction.atomic():
        origin = item_lock(origin_id)
        if ReviewItem.objects.filter(origin=origin, probed_id=reviewer_id).exists():
            return None
        item = ReviewItem.objects.create(
            queue_id=origin.queue_id,
            episode_id=origin.episode_id,
            priority=origin.priority,
            stratum=origin.stratum,
            probability=origin.probability,
            state=ItemState.STARTED,
            created=now,
            probe=kind,
            origin=origin,
            probed_id=reviewer_id,
        )
        slot = ReviewSlot.objects.create(
            item=item,
            n=1,
            state=SlotState.HELD,
            holder_id=reviewer_id,
            token=secrets.token_hex(8),
            lease_until=now + timedelta(minutes=minutes),
        )
        return Review.objects.create(item=item, slot=slot, reviewer_id=reviewer_id, started=now)


def gold_mark(*, item: ReviewItem, expected: Mapping[str, int | None], by: User, now: datetime) -> GoldItem:
    """Give an item to reviewers as gold from now on, with what they should answer. Raises GoldError."""
    with transaction.atomic():
        item = item_lock(item.pk)
        if item.probe or item.state != ItemState.DONE:
            raise GoldError("probe" if item.probe else "not_done")
        if not expected:
            raise GoldError("no_answer")
        if any(value is not None and not 0 <= value <= 5 for value in expected.values()):
            raise GoldError("out_of_range")
        values = {"expected": dict(expected), "by": by, "active": True}
        return GoldItem.objects.update_or_create(item=item, defaults=values, create_defaults={**values, "created": now})[0]


def gold_unmark(*, item: ReviewItem) -> None:
    """Give it to nobody any more; how people did on it stays."""
    GoldItem.objects.filter(item=item).update(active=False)
