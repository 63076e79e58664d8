"""The work on one item: drafts, sealing, putting off, declining, undoing, revising. Whatever was filled in is kept."""

from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from judging.engine.review import Answer, Flaw, Sheet, flaws_of
from judging.models import Criterion, ItemState, Review, ReviewItem, ReviewSlot, ReviewState, SlotState, Verdict
from judging.selectors.rubrics import rubric_of
from judging.services.adjudications import disputes_refresh
from judging.services.review_claims import free, hold_free, slot_renew
from judging.services.review_locks import item_lock

UNDO = timedelta(seconds=30)
LONGEST_TEXT = 10_000
MOST_EVIDENCE = 50
LONGEST_ACTIVE = 24 * 3600
FIELDS = ["decision", "confidence", "comment", "first_error", "party", "tag", "severity", "active_seconds", "saved"]


class ReviewError(ValueError):
    """What was asked cannot be done as things stand. ``code`` names why: ``not_open`` (sealed, declined), ``elsewhere`` (opened anew in
    another window), ``too_late`` (to undo), ``no_reason``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Sealing(msgspec.Struct, frozen=True):
    """What became of sealing: nothing is missing and it is sealed, or ``flaws`` say what is missing and the draft is kept."""

    flaws: list[Flaw]
    late: bool = False


def draft_save(*, review: Review, sheet: Sheet, token: str, now: datetime) -> datetime | None:
    """Keep what is filled in so far and prolong the lease; its new end, or None when the slot is no longer the reviewer's.

    Raises ReviewError: not open, open in a newer window.
    """
    with transaction.atomic():
        item_lock(review.item_id)
        _open(review, token)
        _write(review, sheet, now)
        return slot_renew(review=review, now=now)


def review_seal(*, review: Review, sheet: Sheet, token: str, now: datetime) -> Sealing:
    """Keep the draft and, if nothing is missing, seal it. Raises ReviewError: not open, open in a newer window."""
    with transaction.atomic():
        item = item_lock(review.item_id)
        _open(review, token)
        _write(review, sheet, now)
        flaws = flaws_of(sheet, rubric_of(review.item.queue.rubric_version), item.episode.next_seq)
        if flaws:
            slot_renew(review=review, now=now)
            return Sealing(flaws)
        slot_id = _sealed_slot(review, now)
        review.state, review.sealed, review.slot_id, review.late = ReviewState.SEALED, now, slot_id, slot_id is None
        review.save(update_fields=["state", "sealed", "slot", "late"])
        item_settle(item.pk)
        return Sealing([], review.late)


def _open(review: Review, token: str) -> None:
    """Raises ReviewError unless the review, its item locked, can still be written from the window that holds ``token``."""
    review.refresh_from_db(fields=["state", "slot"])
    if review.state != ReviewState.DRAFT:
        raise ReviewError("not_open")
    if review.slot is not None and token != review.slot.token:
        raise ReviewError("elsewhere")


def _sealed_slot(review: Review, now: datetime) -> int | None:
    """The slot that this review fills: its own, or any that is still free; None when nobody waits for it any more."""
    slot_id = review.slot_id or hold_free(item_id=review.item_id, reviewer_id=review.reviewer_id, until=now)
    sealed = ReviewSlot.objects.filter(pk=slot_id or 0, holder_id=review.reviewer_id, state=SlotState.HELD)
    return slot_id if sealed.update(state=SlotState.SEALED, lease_until=None) else None


def item_settle(item_id: int) -> None:
    """A locked item whose slots are all filled is done; where answers differ it then waits to be settled."""
    if not ReviewSlot.objects.filter(item_id=item_id, state__in=[SlotState.FREE, SlotState.HELD]).exists():
        ReviewItem.objects.filter(pk=item_id, state__in=[ItemState.WAITING, ItemState.STARTED]).update(state=ItemState.DONE)
        disputes_refresh(item_id=item_id)


def _write(review: Review, sheet: Sheet, now: datetime) -> None:
    review.decision, review.confidence, review.comment = sheet.decision, sheet.confidence, sheet.comment[:LONGEST_TEXT]
    review.first_error, review.saved = sheet.first_error, now
    review.party, review.tag, review.severity = sheet.party, sheet.tag, sheet.severity
    review.active_seconds = max(review.active_seconds, min(sheet.active_seconds, LONGEST_ACTIVE))
    review.save(update_fields=FIELDS)
    criteria = Criterion.objects.filter(version_id=review.item.queue.rubric_version_id)
    answers = {answer.criterion: answer for answer in sheet.answers}
    Verdict.objects.bulk_create(
        [_verdict(review, criterion, answers.get(criterion.slug, Answer(criterion.slug))) for criterion in criteria],
        update_conflicts=True,
        unique_fields=["review", "criterion"],
        update_fields=["answered", "value", "reason", "evidence"],
    )


def _verdict(review: Review, criterion: Criterion, answer: Answer) -> Verdict:
    return Verdict(
        review=review,
        criterion=criterion,
        answered=answer.answered,
        value=answer.value if answer.answered else None,
        reason=answer.reason[:LONGEST_TEXT],
        evidence=sorted(set(answer.evidence))[:MOST_EVIDENCE],
    )


def review_later(*, review: Review) -> None:
    """Put it off: the slot goes to whoever comes next, the draft stays. Raises ReviewError."""
    with transaction.atomic():
        item_lock(review.item_id)
        review.refresh_from_db(fields=["state", "slot"])
        if review.state != ReviewState.DRAFT:
            raise ReviewError("not_open")
        free(_slots(review))


def review_decline(*, review: Review, reason: str, broken: bool = False) -> None:
    """Leave it to others for good, with a reason; ``broken``: nobody can judge this episode, so it leaves the queue. Raises ReviewError."""
    if not reason.strip():
        raise ReviewError("no_reason")
    with transaction.atomic():
        item_lock(review.item_id)
        review.refresh_from_db(fields=["state", "slot"])
        if review.state != ReviewState.DRAFT:
            raise ReviewError("not_open")
        free(_slots(review))
        review.slot, review.reason = None, reason.strip()[:LONGEST_TEXT]
        review.state = ReviewState.BROKEN if broken else ReviewState.DECLINED
        review.save(update_fields=["slot", "reason", "state"])
        if broken:
            ReviewSlot.objects.filter(item_id=review.item_id, state=SlotState.FREE).update(state=SlotState.CLOSED)
            ReviewItem.objects.filter(pk=review.item_id).update(state=ItemState.BROKEN)


def item_reopen(*, item_id: int) -> None:
    """An item that somebody called broken waits for people again."""
    with transaction.atomic():
        item_lock(item_id)
        ReviewSlot.objects.filter(item_id=item_id, state=SlotState.CLOSED).update(state=SlotState.FREE)
        ReviewItem.objects.filter(pk=item_id, state=ItemState.BROKEN).update(state=ItemState.STARTED)
        item_settle(item_id)


def _slots(review: Review) -> QuerySet[ReviewSlot]:
    return ReviewSlot.objects.filter(pk=review.slot_id or 0)


def may_undo(review: Review, now: datetime) -> bool:
    """Whether a sealed review can be taken back: at once, and by somebody who has not seen the judge's answers meanwhile."""
    fresh = review.sealed is not None and now - review.sealed <= UNDO
    return fresh and review.state == ReviewState.SEALED and review.revealed is None and review.revises_id is None


def review_undo(*, review: Review, now: datetime) -> None:
    """Open a review again that was sealed a moment ago. Raises ReviewError: too late."""
    with transaction.atomic():
        item_lock(review.item_id)
        review.refresh_from_db()
        if not may_undo(review, now) or Review.objects.filter(revises=review).exists():
            raise ReviewError("too_late")
        until = now + timedelta(minutes=review.item.queue.lease_minutes)
        _slots(review).filter(state=SlotState.SEALED).update(state=SlotState.HELD, lease_until=until)
        review.state, review.sealed, review.late = ReviewState.DRAFT, None, False
        review.save(update_fields=["state", "sealed", "late"])
        if review.slot_id is not None:
            ReviewItem.objects.filter(pk=review.item_id, state=ItemState.DONE).update(state=ItemState.STARTED)
        disputes_refresh(item_id=review.item_id)


def review_reveal(*, review: Review, now: datetime) -> None:
    """Note that the reviewer sees the judge's answers from now on."""
    Review.objects.filter(pk=review.pk, state=ReviewState.SEALED, revealed=None).update(revealed=now)


def review_revise(*, review: Review, sheet: Sheet, reason: str, now: datetime) -> Review | list[Flaw]:
    """Seal another version of a sealed review, with a reason; both stay. Raises ReviewError: not sealed, revised already, no reason."""
    if not reason.strip():
        raise ReviewError("no_reason")
    with transaction.atomic():
        item = item_lock(review.item_id)
        review.refresh_from_db(fields=["state"])
        if review.state != ReviewState.SEALED or Review.objects.filter(revises=review).exists():
            raise ReviewError("not_open")
        flaws = flaws_of(sheet, rubric_of(review.item.queue.rubric_version), item.episode.next_seq)
        if flaws:
            return flaws
        revision = Review.objects.create(
            item=item,
            reviewer_id=review.reviewer_id,
            state=ReviewState.SEALED,
            decision=sheet.decision,
            late=review.late,
            reason=reason.strip()[:LONGEST_TEXT],
            revises=review,
            started=now,
            sealed=now,
            revealed=review.revealed,
        )
        _write(revision, sheet, now)
        disputes_refresh(item_id=item.pk)
        return revision
