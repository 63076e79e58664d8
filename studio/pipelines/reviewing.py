"""Reviewing from a door: each change in one transaction with its entry in the audit trail, and what the tick does for queues."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from judging.engine.review import Flaw, Sheet
from judging.models import Review, ReviewQueue, ReviewSlot, RubricVersion
from judging.selectors import reviews
from judging.services import review_claims as claims
from judging.services import review_queues as queues
from judging.services import review_work as work
from studio.access import audit
from synthesis.models import Run

logger = logging.getLogger(__name__)

FACTS = ("decision", "confidence", "comment", "first_error", "late", "reason")


def claim(*, actor: User, slug: str = "") -> Review | None:
    """The next item for this person: of the named queue, else of the first one that has something."""
    for waiting in reviews.waiting(actor.pk):
        if slug in ("", waiting.queue.slug):
            review = claims.claim_next(queue=waiting.queue, reviewer_id=actor.pk, now=timezone.now())
            if review is not None:
                return review
    return None


def seal(*, actor: User, review: Review, sheet: Sheet, token: str) -> work.Sealing:
    """Seal a review, or say what it lacks. Raises ReviewError."""
    with transaction.atomic():
        sealing = work.review_seal(review=review, sheet=sheet, token=token, now=timezone.now())
        if not sealing.flaws:
            _tell(actor, "review.seal", review, note="late" if sealing.late else "")
        return sealing


def decline(*, actor: User, review: Review, reason: str, broken: bool) -> None:
    """Leave an item to others, or say that its episode is broken. Raises ReviewError."""
    with transaction.atomic():
        work.review_decline(review=review, reason=reason, broken=broken)
        _tell(actor, "review.broken" if broken else "review.decline", review, note=reason)


def undo(*, actor: User, review: Review) -> None:
    """Open a review again that was sealed a moment ago. Raises ReviewError."""
    with transaction.atomic():
        work.review_undo(review=review, now=timezone.now())
        _tell(actor, "review.undo", review)


def revise(*, actor: User, review: Review, sheet: Sheet, reason: str) -> list[Flaw]:
    """Seal another version, or say what it lacks. Raises ReviewError."""
    with transaction.atomic():
        made = work.review_revise(review=review, sheet=sheet, reason=reason, now=timezone.now())
        if isinstance(made, Review):
            _tell(actor, "review.revise", made, note=reason)
            return []
        return made


def _tell(actor: User, action: str, review: Review, note: str = "") -> None:
    with audit.change(actor, action, "review", review.pk, f"item {review.item_id}", note=note) as told:
        told.after = audit.row_facts(review, *FACTS)


def queue_create(*, actor: User, version: RubricVersion, mode: str, settings: dict[str, Any]) -> ReviewQueue:
    """Another queue."""
    with audit.change(actor, "review.queue", "queue", label=str(settings["name"])) as told:
        queue = queues.queue_create(version=version, mode=mode, **settings)
        told.object_id, told.after = queue.slug, audit.row_facts(queue, "mode", *settings)
        return queue


def queue_edit(*, actor: User, queue: ReviewQueue, changes: dict[str, Any]) -> None:
    """Change a queue's settings."""
    before = audit.row_facts(ReviewQueue.objects.get(pk=queue.pk), *changes)
    with audit.change(actor, "review.queue", "queue", queue.slug, queue.name, before=before) as told:
        queues.queue_edit(queue=queue, **changes)
        told.after = audit.row_facts(queue, *changes)


def slot_give(*, actor: User, slot: ReviewSlot, to: User | None) -> bool:
    """Take a slot from its holder and, if ``to`` is somebody, give it to them. False when that cannot be."""
    label = f"item {slot.item_id}"
    with audit.change(actor, "review.assign" if to else "review.release", "slot", slot.pk, label, note=to.get_username() if to else ""):
        if to is None:
            return claims.slot_release(slot_id=slot.pk)
        return claims.slot_assign(slot_id=slot.pk, reviewer_id=to.pk, now=timezone.now()) is not None


def item_reopen(*, actor: User, item_id: int) -> None:
    """An item that somebody called broken waits for people again."""
    with audit.change(actor, "review.reopen", "item", item_id, f"item {item_id}"):
        work.item_reopen(item_id=item_id)


def send_episodes(*, actor: User, queue: ReviewQueue, episode_ids: Sequence[int]) -> int:
    """Send episodes to people; how many were not in the queue yet."""
    with audit.change(actor, "review.send", "queue", queue.slug, queue.name, note=f"episodes {', '.join(map(str, episode_ids))}"):
        return queues.items_ask(queue=queue, episode_ids=episode_ids, probability=1.0, asked_by=actor.get_username(), now=timezone.now())


def send_run(*, actor: User, queue: ReviewQueue, run: Run, number: int) -> int:
    """Send some episodes of a run, drawn at random; how many."""
    with audit.change(actor, "review.send", "queue", queue.slug, queue.name, note=f"run {run.pk}, {number} episodes"):
        return queues.run_ask(queue=queue, run=run, number=number, asked_by=actor.get_username(), now=timezone.now())


def review_tick(*, now: datetime) -> None:
    """Free lapsed slots and fill the queues. Safe to call again, at any time, by anybody."""
    freed = claims.leases_expire(now=now)
    added = queues.review_route(now=now)
    if freed or added:
        logger.info("review: %s leases lapsed, %s items new", freed, added)
