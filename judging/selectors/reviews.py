"""Reviews as people meet them: what waits, what is theirs, what they may not see yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from judging.models import Review, ReviewItem, ReviewMode, ReviewQueue, ReviewSlot, ReviewState, SlotState, Verdict
from judging.models.review_queue import OPEN_STATES


class Waiting(NamedTuple):
    """A queue as one reviewer meets it: how many items wait for them, how many drafts they have in it."""

    queue: ReviewQueue
    items: int
    drafts: int


def queue_get(slug: str) -> ReviewQueue | None:
    """The queue, or None."""
    return ReviewQueue.objects.select_related("rubric_version__rubric").filter(slug=slug).first()


def queues() -> list[ReviewQueue]:
    """All queues, active ones first."""
    return list(ReviewQueue.objects.select_related("rubric_version__rubric"))


def queue_list(*, after: str | None = None, limit: int = 50) -> list[ReviewQueue]:
    """Queues by slug."""
    rows = ReviewQueue.objects.select_related("rubric_version__rubric")
    return list((rows if after is None else rows.filter(slug__gt=after)).order_by("slug")[:limit])


def waiting(reviewer_id: int) -> list[Waiting]:
    """Every queue that is active or has something for this person."""
    free = ReviewSlot.objects.filter(item=OuterRef("pk"), state=SlotState.FREE)
    mine = Review.objects.filter(item=OuterRef("pk"), reviewer_id=reviewer_id)
    open_items = ReviewItem.objects.filter(Exists(free), ~Exists(mine), state__in=OPEN_STATES, probe="")
    counts = _by_queue(open_items.values_list("queue"))
    drafts = _by_queue(Review.objects.filter(reviewer_id=reviewer_id, state=ReviewState.DRAFT).values_list("item__queue"))
    rows = [Waiting(queue, counts.get(queue.pk, 0), drafts.get(queue.pk, 0)) for queue in queues()]
    return [row for row in rows if row.queue.active or row.items or row.drafts]


def _by_queue(rows: QuerySet[ReviewItem, tuple[int]] | QuerySet[Review, tuple[int]]) -> dict[int, int]:
    return dict(rows.order_by().annotate(n=Count("pk")))


def drafts(reviewer_id: int, *, after: int | None = None, limit: int = 50) -> Sequence[Review]:
    """What this person has begun and neither sealed nor left, oldest first."""
    rows = _reviews().filter(reviewer_id=reviewer_id, state=ReviewState.DRAFT)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows.order_by("pk")[:limit])


def review_of(*, item_id: int, reviewer_id: int) -> Review | None:
    """This person's review of an item: the newest version; None when the item was never theirs."""
    return _reviews().filter(item_id=item_id, reviewer_id=reviewer_id).order_by("-pk").first()


def reviews(
    *, reviewer_id: int | None = None, viewer_id: int | None = None, after: int | None = None, limit: int = 50, state: str | None = None
) -> Sequence[Review]:
    """Reviews, newest first. ``reviewer_id`` limits to one person's. For ``viewer_id`` other people's reviews of what they still review
    blind themselves are left out.
    """
    rows = _reviews().prefetch_related(Prefetch("verdicts", _verdicts()))
    if reviewer_id is not None:
        rows = rows.filter(reviewer_id=reviewer_id)
    if viewer_id is not None:
        rows = rows.filter(Q(reviewer_id=viewer_id) | ~Q(item__episode__in=blind_episodes(viewer_id)))
    if state is not None:
        rows = rows.filter(state=state)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return list(rows.order_by("-pk")[:limit])


def review_get(*, review_id: int, reviewer_id: int | None, viewer_id: int) -> Review | None:
    """One review under the same limits."""
    found = reviews(reviewer_id=reviewer_id, viewer_id=viewer_id, after=review_id + 1, limit=1)
    return found[0] if found and found[0].pk == review_id else None


def recent(*, reviewer_id: int, after: int | None = None, limit: int = 50) -> Sequence[Review]:
    """What this person sealed or left, newest first; of several versions the newest."""
    rows = _reviews().filter(reviewer_id=reviewer_id, revision__isnull=True).exclude(state=ReviewState.DRAFT)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return list(rows.order_by("-pk")[:limit])


def just_sealed(*, reviewer_id: int, since: datetime) -> Review | None:
    """The review that this person sealed last, if that was at ``since`` or later and they have not looked behind it."""
    rows = _reviews().filter(reviewer_id=reviewer_id, state=ReviewState.SEALED, sealed__gte=since, revealed=None, revises=None)
    return rows.filter(revision__isnull=True).order_by("-sealed").first()


def verdicts_of(review: Review) -> Mapping[str, Verdict]:
    """Answers of a review by slug of the criterion."""
    return {verdict.criterion.slug: verdict for verdict in _verdicts().filter(review=review)}


def versions_of(review: Review) -> list[Review]:
    """All versions of a person's review, newest first."""
    rows = Review.objects.filter(item_id=review.item_id, reviewer_id=review.reviewer_id, state=ReviewState.SEALED)
    return list(rows.prefetch_related(Prefetch("verdicts", _verdicts())).order_by("-pk"))


def others_of(review: Review) -> list[Review]:
    """Other people's sealed reviews of the item, each in its newest version."""
    rows = (
        _reviews().filter(item_id=review.item_id, state=ReviewState.SEALED, revision__isnull=True).exclude(reviewer_id=review.reviewer_id)
    )
    return list(rows.prefetch_related(Prefetch("verdicts", _verdicts())).order_by("pk"))


def has_sealed(*, reviewer_id: int) -> bool:
    """Whether this person has ever sealed a review."""
    return Review.objects.filter(reviewer_id=reviewer_id, state=ReviewState.SEALED).exists()


def blind_episodes(reviewer_id: int) -> QuerySet[Review, int]:
    """Ids of episodes that this person is reviewing blind: nothing of any judge or other reviewer may reach them yet."""
    rows = Review.objects.filter(reviewer_id=reviewer_id, state=ReviewState.DRAFT, item__queue__mode=ReviewMode.BLIND)
    return rows.values_list("item__episode_id", flat=True)


def blind_places(reviewer_id: int) -> QuerySet[Review, tuple[int, int]]:
    """(run, episode) of these episodes."""
    return blind_episodes(reviewer_id).values_list("item__episode__run_id", "item__episode_id")


def is_blind(*, reviewer_id: int, episode_id: int) -> bool:
    """Whether this person is reviewing this episode blind."""
    return blind_episodes(reviewer_id).filter(item__episode_id=episode_id).exists()


def _reviews() -> QuerySet[Review]:
    return Review.objects.select_related("item__queue__rubric_version__rubric", "item__episode", "slot", "reviewer").defer(
        "item__episode__cast"
    )


def _verdicts() -> QuerySet[Verdict]:
    return Verdict.objects.select_related("criterion").order_by("criterion__position")
