"""Settling disputes, gold items and notes on rubrics from a door: each change in one transaction with its entry in the audit trail."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.utils import timezone

from judging.models import Adjudication, Criterion, GoldItem, ReviewItem, RubricNote
from judging.services import adjudications as settling
from judging.services import review_probes as probes
from studio.access import audit

FACTS = ("outcome", "value", "note")


def adjudicate(*, actor: User, item_id: int, rulings: Sequence[settling.Ruling]) -> list[Adjudication]:
    """Settle criteria of an item. Raises AdjudicationError."""
    with audit.change(actor, "review.adjudicate", "item", item_id, f"item {item_id}") as told:
        made = settling.adjudicate(item_id=item_id, by=actor, rulings=rulings, now=timezone.now())
        told.note = ", ".join(f"{row.criterion.slug} {row.outcome}" for row in made)
        told.after = [audit.row_facts(row, *FACTS) for row in made]
        return made


def reopen(*, actor: User, adjudication: Adjudication) -> None:
    """Let a settled criterion wait again. Raises AdjudicationError."""
    label = f"item {adjudication.item_id}"
    with audit.change(actor, "review.reopen_dispute", "item", adjudication.item_id, label, note=adjudication.criterion.slug) as told:
        told.before = audit.row_facts(adjudication, *FACTS)
        settling.adjudication_reopen(adjudication=adjudication, now=timezone.now())


def gold_mark(*, actor: User, item: ReviewItem, expected: Mapping[str, int | None]) -> GoldItem:
    """Give an item to reviewers as gold. Raises GoldError."""
    with audit.change(actor, "review.gold", "item", item.pk, f"item {item.pk}") as told:
        gold = probes.gold_mark(item=item, expected=expected, by=actor, now=timezone.now())
        told.after = gold.expected
        return gold


def gold_unmark(*, actor: User, item: ReviewItem) -> None:
    """Give it to nobody any more."""
    with audit.change(actor, "review.gold_end", "item", item.pk, f"item {item.pk}"):
        probes.gold_unmark(item=item)


def note_add(*, actor: User, criterion: Criterion, text: str) -> None:
    """Note another wording of a question."""
    with audit.change(actor, "review.note", "criterion", criterion.pk, criterion.slug) as told:
        told.after = settling.note_add(criterion=criterion, text=text, by=actor, now=timezone.now()).text


def note_close(*, actor: User, note: RubricNote) -> None:
    """Say that a note was dealt with."""
    with audit.change(actor, "review.note_end", "criterion", note.criterion_id, note.criterion.slug):
        settling.note_close(note=note, now=timezone.now())
