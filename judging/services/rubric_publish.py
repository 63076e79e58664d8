"""Publishing a version of a rubric, with what became of the criteria of the version before."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from judging.engine.rubric import Rubric
from judging.engine.rubric_lint import read_draft
from judging.models import Meaning, ReviewQueue, RubricDraft, RubricVersion
from judging.selectors.rubric_drafts import newest_of
from judging.selectors.rubrics import rubric_of
from judging.services.rubric_drafts import RubricConflict, RubricRefused
from judging.services.rubric_lineage import links_declare, queues_go_on
from judging.services.rubrics import version_add


class Published(NamedTuple):
    """A new version, the queues that go on under it, and how many episodes are to be confirmed once more."""

    version: RubricVersion
    queues: list[ReviewQueue]
    confirm: int


def rubric_publish(*, draft: RubricDraft, seen: int, meanings: Mapping[str, str], by: str, now: datetime) -> Published:
    """Publish the draft that was read as version ``seen``. ``meanings`` says for every criterion that differs from the newest version and
    is in both: same, reworded or new. Raises RubricConflict, RubricRefused.
    """
    with transaction.atomic():
        draft = RubricDraft.objects.select_for_update().get(pk=draft.pk)
        if draft.version != seen:
            raise RubricConflict(draft)
        rubric, _findings = read_draft(draft.text, draft.slug)
        if rubric is None:
            raise RubricRefused("The draft has errors. Mend them, then publish.")
        if RubricVersion.objects.filter(digest=rubric.digest).exists():
            raise RubricRefused("A published version says just this already. Change something, or use that version.")
        before = newest_of(draft.slug)
        declared = _declared(rubric_of(before), rubric, meanings) if before else {}
        version = version_add(rubric=rubric)
        if before is None:
            return Published(version, [], 0)
        links_declare(before=before, version=version, declared=declared, by=by)
        queues, confirm = queues_go_on(before=before, version=version, declared=declared, by=by, now=now)
        draft.based_on = version
        draft.save(update_fields=["based_on"])
        return Published(version, queues, confirm)


def _declared(old: Rubric, new: Rubric, meanings: Mapping[str, str]) -> dict[str, str]:
    """What became of every criterion of ``old``. Raises RubricRefused while something that differs has no word."""
    after = {criterion.id: criterion for criterion in new.criteria}
    found: dict[str, str] = {}
    for criterion in old.criteria:
        slug = criterion.id
        if slug not in after:
            found[slug] = Meaning.REMOVED
        elif after[slug] == criterion:
            found[slug] = Meaning.SAME
        elif meanings.get(slug) in {Meaning.SAME, Meaning.REWORDED, Meaning.NEW}:
            found[slug] = meanings[slug]
        else:
            raise RubricRefused(f"Say what {slug} means now: the same, the same in other words, or something new.")
    return found
