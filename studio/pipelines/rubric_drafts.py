"""Drafts of rubrics as authors write them: each change in one transaction with its audit entry."""

import hashlib
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.rubric import Rubric
from judging.engine.rubric_text import write_rubric
from judging.models import RubricDraft
from judging.selectors.rubric_drafts import draft_of, newest_of
from judging.selectors.rubrics import rubric_of
from judging.services import rubric_drafts as services
from judging.services.rubric_drafts import RubricRefused
from judging.services.rubric_publish import Published, rubric_publish
from studio.access import audit

TEMPLATE = """# A rubric: questions about an episode, each with a scale from 0 to 5. docs/rubric-format.md says what may stand here.
slug: {slug}
name: {name}
description: What these questions are about, in a sentence or two.
criteria:
  - id: courtesy
    question: Did the agent speak to the user with respect?
    weight: 1
    answered_by: judge
    scale:
      5: Every message treats the user with respect.
      3: Curt in places, never rude.
      0: Rude, or talks down to the user.
"""


def draft_open(*, actor: User, slug: str) -> RubricDraft:
    """The draft of a rubric; begun from its newest version where there is none. Raises RubricRefused when there is no such rubric."""
    draft = draft_of(slug)
    if draft is not None:
        return draft
    newest = newest_of(slug)
    if newest is None:
        raise RubricRefused(f"There is no rubric {slug}.")
    text = write_rubric(rubric_of(newest))
    with audit.change(actor, "rubrics.edit", "rubric", slug, newest.rubric.name, note="draft begun") as told:
        draft = services.draft_begin(slug=slug, text=text, based_on=newest, by=actor.get_username(), now=timezone.now())
        told.after = _digest(draft.text)
    return draft


def rubric_begin(*, actor: User, slug: str, name: str) -> RubricDraft:
    """A new rubric, as a draft. Raises RubricRefused."""
    # A name as YAML takes it: quoted like JSON.
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    text = TEMPLATE.format(slug=slug, name=quoted)
    with audit.change(actor, "rubrics.edit", "rubric", slug, name, note="new rubric") as told:
        draft = services.draft_begin_new(slug=slug, text=text, by=actor.get_username(), now=timezone.now())
        told.after = _digest(draft.text)
    return draft


def draft_write(*, actor: User, draft: RubricDraft, text: str, version: int, note: str = "") -> int:
    """Save a draft that was read as ``version``; returns its version now. Raises RubricConflict, RubricRefused."""
    if draft.version == version and draft.text == services.rubric_text(text):
        return version
    with audit.change(actor, "rubrics.edit", "rubric", draft.slug, draft.slug, before=_digest(draft.text), note=note) as told:
        saved = services.draft_save(draft=draft, text=text, version=version, by=actor.get_username(), now=timezone.now())
        told.after = _digest(services.rubric_text(text))
    return saved


def draft_write_rubric(*, actor: User, draft: RubricDraft, rubric: Rubric, version: int) -> int:
    """The same with a rubric from the form; comments in the text go. Raises RubricConflict, RubricRefused."""
    return draft_write(actor=actor, draft=draft, text=write_rubric(rubric), version=version, note="form")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def publish(*, actor: User, draft: RubricDraft, seen: int, meanings: Mapping[str, str]) -> Published:
    """Publish the draft that was read as version ``seen``; ``meanings`` as in ``rubric_publish``. Raises RubricConflict, RubricRefused."""
    before = newest_of(draft.slug)
    with audit.change(actor, "rubrics.edit", "rubric", draft.slug, draft.slug, before=before.digest if before else None) as told:
        made = rubric_publish(draft=draft, seen=seen, meanings=meanings, by=actor.get_username(), now=timezone.now())
        told.after, told.note = made.version.digest, f"version {made.version.number} published"
    return made
