"""What a new version of a rubric makes of the one before: what became of its criteria, and of the review queues that ask by it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count

from django.db import transaction
from django.db.models import QuerySet

from judging.models import Criterion, CriterionLink, ItemState, Meaning, ReviewItem, ReviewQueue, RubricVersion, SlotState
from judging.models.review_queue import CONFIRM
from judging.selectors.labels import labels
from judging.selectors.lineage import CARRIED
from judging.services.review_queues import items_ask

SAMPLE = 20
"""Most episodes of one reworded criterion that people are asked about once more."""
CATALOGUE = "catalogue"
"""Who asks where no person does."""
SETTINGS = (
    "mode", "overlap", "lease_minutes", "guidelines", "fail_share", "pass_share", "disagree_share", "unsure_share", "unsure_below",
    "new_release_share", "random_share", "most_per_run", "gold_share", "repeat_share", "repeat_hours",
)  # fmt: skip
"""What a queue hands on to the one that goes on under the next version."""


def links_declare(*, before: RubricVersion, version: RubricVersion, declared: Mapping[str, str], by: str) -> None:
    """Note what became of every criterion of ``before`` (by its id). ``by`` "": the catalogue says so."""
    old = {row.slug: row for row in Criterion.objects.filter(version=before)}
    new = {row.slug: row for row in Criterion.objects.filter(version=version)}
    CriterionLink.objects.bulk_create(
        CriterionLink(version=version, before=old[slug], after=new.get(slug), meaning=meaning, by=by) for slug, meaning in declared.items()
    )


def queues_go_on(
    *, before: RubricVersion, version: RubricVersion, declared: Mapping[str, str], by: str, now: datetime
) -> tuple[list[ReviewQueue], int]:
    """Every active queue goes on under the new version, and the old one takes nothing new. Returns the queues, and how many episodes people
    are asked about once more because of a reworded criterion.

    Where no question got another meaning, what nobody has begun goes along; otherwise it stays to be reviewed under the old version.
    """
    kept = all(meaning in CARRIED for meaning in declared.values() if meaning != Meaning.REMOVED)
    with transaction.atomic():
        queues = []
        for queue in ReviewQueue.objects.filter(rubric_version=before, active=True).order_by("pk"):
            successor = _queue(queue.name, version, **{name: getattr(queue, name) for name in SETTINGS})
            ReviewQueue.objects.filter(pk=queue.pk).update(active=False, name=f"{queue.name[:180]} ({before.number})")
            if kept:
                _untouched(queue).update(queue=successor)
            queues.append(successor)
        reworded = [slug for slug, meaning in declared.items() if meaning == Meaning.REWORDED]
        return queues, _confirm(before, version, queues, reworded, by, now)


def _untouched(queue: ReviewQueue) -> QuerySet[ReviewItem]:
    """Items that nobody has looked at. Probes stay with what they are about, a sample with the version whose wording it confirms."""
    rows = ReviewItem.objects.filter(queue=queue, state=ItemState.WAITING, probe="", reviews__isnull=True, probes__isnull=True)
    untouched = rows.exclude(stratum=CONFIRM).exclude(slots__state__in=[SlotState.HELD, SlotState.SEALED])
    # PostgreSQL updates no row through a join. What somebody takes at this very moment is no longer waiting when its turn comes.
    return ReviewItem.objects.filter(pk__in=list(untouched.values_list("pk", flat=True)), state=ItemState.WAITING)


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
    return items_ask(queue=queue, episode_ids=list(chosen), probability=probability, asked_by=by or CATALOGUE, now=now, stratum=CONFIRM)


def _labelled(version: RubricVersion, slugs: Sequence[str]) -> dict[str, list[int]]:
    """Episodes that have a label, by criterion."""
    found: dict[str, list[int]] = {}
    for label in labels(version):
        if label.criterion in slugs:
            found.setdefault(label.criterion, []).append(label.episode)
    return found
