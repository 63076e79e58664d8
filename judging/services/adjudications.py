"""Settling disputes: what waits follows from the answers, and somebody who gave none of them decides."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from django.contrib.auth.models import User
from django.db import transaction

from judging.engine.disputes import Cause, disputes
from judging.models import Adjudication, AdjudicationOutcome, Criterion, ItemState, NoteKind, Review, ReviewItem, RubricNote
from judging.selectors import adjudications as selectors
from judging.selectors.deciding import scores_of
from judging.selectors.rubrics import rubric_of
from judging.services.review_locks import item_lock

LONGEST_NOTE = 10_000
Lack = Literal["own", "not_open", "no_answer", "no_note"]


class AdjudicationError(ValueError):
    """It cannot be settled so. ``code`` names why: ``own`` (of the item's reviewers), ``not_open`` (settled meanwhile), ``no_answer``
    (none was chosen, or there is no such letter), ``no_note`` (ambiguous, but not why). ``criterion`` is where.
    """

    def __init__(self, code: Lack, criterion: str = "") -> None:
        super().__init__(f"{code} {criterion}".strip())
        self.code, self.criterion = code, criterion


class Ruling(msgspec.Struct, frozen=True):
    """What somebody decides of one criterion: ``choice`` is a letter, ``new`` (then ``value`` 0-5, or None: does not apply) or
    ``ambiguous``.
    """

    criterion: str
    choice: str
    value: int | None = None
    note: str = ""


def disputes_refresh(*, item_id: int) -> int:
    """Bring what waits of an item up to its answers; how many criteria wait. Called with the item locked, or by itself.

    Only items that are done are disputed: before that another reviewer may still come. What was settled stays settled.
    """
    with transaction.atomic():
        item = item_lock(item_id)
        wanted = _wanted(item) if item.state == ItemState.DONE and not item.probe else {}
        known = {row.criterion.slug: row for row in item.adjudications.filter(current=True).select_related("criterion")}
        for slug, row in known.items():
            if not row.outcome and slug not in wanted:
                row.delete()
        fresh = {slug: cause for slug, cause in wanted.items() if slug not in known}
        criteria = Criterion.objects.filter(version_id=item.queue.rubric_version_id, slug__in=fresh)
        Adjudication.objects.bulk_create(
            Adjudication(item=item, criterion=criterion, cause=fresh[criterion.slug]) for criterion in criteria
        )
        return sum(slug not in known or not known[slug].outcome for slug in wanted)


def disputes_rejudged(*, episode_ids: Collection[int]) -> None:
    """Another judgement decides about these episodes from now on: bring up what waits of their items."""
    items = ReviewItem.objects.filter(episode__in=episode_ids, state=ItemState.DONE, probe="").order_by("pk")
    for item_id in list(items.values_list("pk", flat=True)):
        disputes_refresh(item_id=item_id)


def _wanted(item: ReviewItem) -> dict[str, Cause]:
    """Disputed criteria of an item by slug."""
    people: dict[int, dict[str, float | None]] = {}
    for verdict in selectors.people_of(item):
        people.setdefault(verdict.review_id, {})[verdict.criterion.slug] = verdict.value
    judge = scores_of([item.episode_id], item.queue.rubric_version_id).get(item.episode_id, {})
    values = {slug: score.value for slug, score in judge.items()}
    return {found.criterion: found.cause for found in disputes(rubric_of(item.queue.rubric_version), list(people.values()), values)}


def adjudicate(*, item_id: int, by: User, rulings: Sequence[Ruling], now: datetime) -> list[Adjudication]:
    """Settle criteria of an item, all of ``rulings`` or none. Raises AdjudicationError."""
    with transaction.atomic():
        item = item_lock(item_id)
        if Review.objects.filter(item=item, reviewer=by).exists():
            raise AdjudicationError("own")
        waiting = {found.criterion.id: found for found in selectors.disputed(item)}
        made = []
        for ruling in rulings:
            if ruling.criterion not in waiting:
                raise AdjudicationError("not_open", ruling.criterion)
            made.append(_settle(waiting.pop(ruling.criterion), ruling, by, now))
        return made


def _settle(found: selectors.Disputed, ruling: Ruling, by: User, now: datetime) -> Adjudication:
    row, note = found.adjudication, ruling.note.strip()[:LONGEST_NOTE]
    row.by, row.settled, row.note = by, now, note
    if ruling.choice == "ambiguous":
        if not note:
            raise AdjudicationError("no_note", ruling.criterion)
        row.outcome = AdjudicationOutcome.AMBIGUOUS
    elif ruling.choice == "new":
        if ruling.value is not None and not 0 <= ruling.value <= 5:
            raise AdjudicationError("no_answer", ruling.criterion)
        row.outcome, row.value = AdjudicationOutcome.NEW, ruling.value
    else:
        _take(row, found.answers, ruling)
    row.save()
    if row.outcome == AdjudicationOutcome.AMBIGUOUS:
        RubricNote.objects.create(criterion=row.criterion, kind=NoteKind.AMBIGUOUS, adjudication=row, by=by, text=note, created=now)
    return row


def _take(row: Adjudication, answers: Sequence[selectors.Answer], ruling: Ruling) -> None:
    """Let the answer under the letter count; a judge's fraction becomes the nearest whole value."""
    taken = next((answer for answer in answers if answer.letter == ruling.choice), None)
    if taken is None:
        raise AdjudicationError("no_answer", ruling.criterion)
    row.value = None if taken.value is None else round(taken.value)
    if taken.source == selectors.JUDGE:
        row.outcome = AdjudicationOutcome.JUDGE
    else:
        row.outcome, row.review_id = AdjudicationOutcome.REVIEW, int(taken.source)


def adjudication_reopen(*, adjudication: Adjudication, now: datetime) -> None:
    """Let a settled criterion wait again; what was settled stays to be read, and its note on the rubric is closed."""
    with transaction.atomic():
        item_lock(adjudication.item_id)
        settled = Adjudication.objects.filter(pk=adjudication.pk, current=True).exclude(outcome="")
        if not settled.update(current=False):
            raise AdjudicationError("not_open")
        RubricNote.objects.filter(adjudication=adjudication, closed=None).update(closed=now)
        Adjudication.objects.create(item_id=adjudication.item_id, criterion_id=adjudication.criterion_id, cause=adjudication.cause)


def note_add(*, criterion: Criterion, text: str, by: User | None, author: str = "", now: datetime) -> RubricNote:
    """Note another wording of a question: of a person, or, with ``by`` None, a draft of the model that ``author`` names."""
    return RubricNote.objects.create(
        criterion=criterion, kind=NoteKind.WORDING, by=by, author=author[:200], text=text.strip()[:LONGEST_NOTE], created=now
    )


def note_close(*, note: RubricNote, now: datetime) -> None:
    """Say that a note was dealt with."""
    RubricNote.objects.filter(pk=note.pk, closed=None).update(closed=now)
