"""Drafts of rubrics: begun, saved without losing anybody's words."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from judging.engine.rubric_lint import LARGEST, RUBRIC_SLUG
from judging.models import Rubric, RubricDraft, RubricVersion
from synthesis.services.border import clean_text


class RubricRefused(ValueError):
    """What was asked for cannot be done; the message says why and how to mend it."""


class RubricConflict(RubricRefused):
    """Somebody else has saved the draft in between; ``draft`` is what stands there now."""

    def __init__(self, draft: RubricDraft) -> None:
        super().__init__("Somebody else has saved this draft in the meantime.")
        self.draft = draft


def rubric_text(raw: str) -> str:
    """A text as drafts are kept: lines end with LF, no byte order mark, no characters that a database refuses. Raises RubricRefused."""
    text = clean_text(raw.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    if len(text.encode()) > LARGEST:
        raise RubricRefused(f"A rubric has at most {LARGEST:,} bytes. Shorten it.")
    return text


def draft_begin(*, slug: str, text: str, based_on: RubricVersion | None, by: str, now: datetime) -> RubricDraft:
    """A draft of the rubric ``slug``; the one that there is, if there is one. Raises RubricRefused for a name that is none."""
    if not RUBRIC_SLUG.match(slug):
        raise RubricRefused("The name for links begins with a small letter and holds small letters, digits, dashes and underscores.")
    try:
        with transaction.atomic():
            facts = {"text": rubric_text(text), "based_on": based_on, "edited_by": by, "updated": now}
            return RubricDraft.objects.get_or_create(slug=slug, defaults=facts)[0]
    except IntegrityError:
        return RubricDraft.objects.get(slug=slug)


def draft_begin_new(*, slug: str, text: str, by: str, now: datetime) -> RubricDraft:
    """A draft of a rubric that is not there yet. Raises RubricRefused."""
    if Rubric.objects.filter(slug=slug).exists() or RubricDraft.objects.filter(slug=slug).exists():
        raise RubricRefused(f"There is a rubric {slug} already. Choose another name for links.")
    return draft_begin(slug=slug, text=text, based_on=None, by=by, now=now)


def draft_save(*, draft: RubricDraft, text: str, version: int, by: str, now: datetime) -> int:
    """Put ``text`` in place of the draft of that ``version``; returns the new version. The same text again changes nothing.

    Raises RubricConflict when the draft is of another version by now, RubricRefused.
    """
    text = rubric_text(text)
    if draft.version == version and draft.text == text:
        return version
    rows = RubricDraft.objects.filter(pk=draft.pk, version=version)
    if rows.update(text=text, version=F("version") + 1, edited_by=by, updated=now):
        return version + 1
    present = RubricDraft.objects.get(pk=draft.pk)
    if present.text == text:
        return int(present.version)
    raise RubricConflict(present)
