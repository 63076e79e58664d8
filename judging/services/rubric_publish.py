"""Publishing a version of a rubric, with what became of the criteria of the version before."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import NamedTuple

from django.db import transaction

from judging.engine.rubric import Rubric
from judging.engine.rubric_lint import read_draft
from judging.models import Criterion, CriterionLink, Meaning, ReviewQueue, RubricDraft, RubricVersion
from judging.models.review_queue import CONFIRM
from judging.selectors.labels import labels
from judging.selectors.rubric_drafts import newest_of
from judging.selectors.rubrics import rubric_of
from judging.services.review_queues import items_ask
from judging.services.rubric_drafts import RubricConflict, RubricRefused
from judging.services.rubrics import rubric_install

SAMPLE = 20
"""Most episodes of one reworded criterion that people are asked about once more."""
SETTINGS = (
    "mode", "overlap", "lease_minutes", "guidelines", "fail_share", "pass_share", "disagree_share", "unsure_share", "unsure_below",
    "new_release_share", "random_share", "most_per_run", "gold_share", "repeat_share", "repeat_hours",
)  # fmt: skip
"""What a queue hands on to the one that goes on under the next version."""


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
        version = rubric_install(rubric=rubric)
        if before is None:
            return Published(version, [], 0)
        _link(before, version, declared, by)
        queues = _go_on(before, version)
        confirm = _confirm(before, version, queues, [slug for slug, meaning in declared.items() if meaning == Meaning.REWORDED], by, now)
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


def _link(before: RubricVersion, version: RubricVersion, declared: Mapping[str, str], by: str) -> None:
    old = {row.slug: row for row in Criterion.objects.filter(version=before)}
    new = {row.slug: row for row in Criterion.objects.filter(version=version)}
    CriterionLink.objects.bulk_create(
        CriterionLink(version=version, before=old[slug], after=new.get(slug), meaning=meaning, by=by) for slug, meaning in declared.items()
    )


def _go_on(before: RubricVersion, version: RubricVersion) -> list[ReviewQueue]:
    """Every active queue goes on under the new version; the old one takes nothing new, what is in it stays to be reviewed."""
    found = []
    for queue in ReviewQueue.objects.filter(rubric_version=before, active=True).order_by("pk"):
        settings = {name: getattr(queue, name) for name in SETTINGS}
        found.append(_queue(queue.name, version, **settings))
        ReviewQueue.objects.filter(pk=queue.pk).update(active=False)
    return found


def _queue(name: str, version: RubricVersion, **settings: object) -> ReviewQueue:
    base = f"{version.rubric.slug}-{version.number}"[:70]
    taken = set(ReviewQueue.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug = base if base not in taken else next(s for s in (f"{base}-{n}" for n in count(2)) if s not in taken)
    return ReviewQueue.objects.create(slug=slug, name=name, rubric_version=version, **settings)


def _confirm(
    before: RubricVersion, version: RubricVersion, queues: Sequence[ReviewQueue], reworded: Sequence[str], by: str, now: datetime
) -> int:
    """Send a sample of the episodes whose labels a reworded criterion takes over to people once more; returns how many."""
    chosen: dict[int, None] = {}
    most = 0.0
    known = _labelled(before, reworded)
    for slug in reworded:
        drawn = sorted(known.get(slug, ()), key=lambda episode: hashlib.sha256(f"{version.digest}|{episode}".encode()).digest())[:SAMPLE]
        chosen |= dict.fromkeys(drawn)
        most = max(most, len(known.get(slug, ())))
    if not chosen:
        return 0
    blind = next((queue for queue in queues if queue.mode == "blind"), None)
    queue = blind or _queue(f"{version.rubric.name}: confirm"[:200], version, active=False)
    probability = min(1.0, len(chosen) / max(most, 1))
    return items_ask(queue=queue, episode_ids=list(chosen), probability=probability, asked_by=by, now=now, stratum=CONFIRM)


def _labelled(version: RubricVersion, slugs: Sequence[str]) -> dict[str, list[int]]:
    """Episodes that have a label, by criterion."""
    found: dict[str, list[int]] = {}
    for label in labels(version):
        if label.criterion in slugs:
            found.setdefault(label.criterion, []).append(label.episode)
    return found
