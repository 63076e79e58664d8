"""Review queues: setting them up, and filling them."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from itertools import chain, count
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.text import slugify

from judging.engine.routing import Chosen, Played, Shares, at_odds, block_size, choose
from judging.models import ItemState, Judgement, ReviewItem, ReviewQueue, ReviewRouting, ReviewSlot, RubricVersion, SlotState
from judging.models.review_queue import OPEN_STATES
from judging.selectors.routing import failed
from judging.services.review_locks import item_lock
from judging.services.review_work import item_settle
from synthesis.models import Episode, Run
from synthesis.models.episode import OPEN_STATUSES

ASKED_PRIORITY = 1000
"""Of what people asked for: before whatever runs send by themselves."""
GUIDELINES = (
    "Read the whole conversation before you answer. Judge what the agent said and did, not how hard the task was. "
    "Pin the events that made you decide, and say in a few words why a value is below 5."
)
STARTER_NAME = "Starter queue"
BLOCKS_AT_ONCE = 50


def queue_install(*, version: RubricVersion) -> ReviewQueue:
    """The starter queue of a rubric; made where no version of it has, or had, any: where somebody closed it, it stays closed.

    From version to version it goes on by itself (``queues_go_on``).
    """
    slug = version.rubric.slug
    with transaction.atomic():
        known = ReviewQueue.objects.filter(rubric_version__rubric=version.rubric, slug__regex=rf"^{slug}-[0-9]+$").order_by("-pk").first()
        if known is not None:
            return known
        return ReviewQueue.objects.get_or_create(
            slug=f"{slug}-{version.number}"[:80],
            defaults={"name": STARTER_NAME, "rubric_version": version, "guidelines": GUIDELINES},
        )[0]


def queue_create(*, name: str, version: RubricVersion, mode: str, **settings: Any) -> ReviewQueue:
    """Another queue. Its slug is made of its name."""
    base = slugify(name)[:70] or "queue"
    with transaction.atomic():
        taken = set(ReviewQueue.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        slug = next(s for s in chain([base], (f"{base}-{n}" for n in count(2))) if s not in taken)
        return ReviewQueue.objects.create(slug=slug, name=name, rubric_version=version, mode=mode, **settings)


def queue_edit(*, queue: ReviewQueue, **changes: Any) -> ReviewQueue:
    """Change name, guidelines, lease, shares, overlap or whether it is active. A new overlap holds for what is not done yet as well."""
    with transaction.atomic():
        for name, value in changes.items():
            setattr(queue, name, value)
        queue.save(update_fields=list(changes))
        if "overlap" in changes:
            for item_id in list(queue.items.filter(state__in=OPEN_STATES, probe="").order_by("pk").values_list("pk", flat=True)):
                _resize(item_id, queue.overlap)
        return queue


def _resize(item_id: int, overlap: int) -> None:
    item_lock(item_id)
    numbers = set(ReviewSlot.objects.filter(item_id=item_id).values_list("n", flat=True))
    ReviewSlot.objects.bulk_create(ReviewSlot(item_id=item_id, n=n) for n in range(1, overlap + 1) if n not in numbers)
    surplus = len(numbers) - overlap
    if surplus > 0:
        spare = ReviewSlot.objects.filter(item_id=item_id, state=SlotState.FREE).order_by("-n").values_list("pk", flat=True)
        ReviewSlot.objects.filter(pk__in=list(spare[:surplus])).delete()
        item_settle(item_id)


def items_ask(
    *, queue: ReviewQueue, episode_ids: Sequence[int], probability: float, asked_by: str, now: datetime, stratum: str = "asked"
) -> int:
    """Send episodes to people because somebody asks; returns how many were not in the queue yet."""
    chosen = [Chosen(episode_id, stratum, probability, 0) for episode_id in episode_ids]
    return _add(queue, chosen, now, asked_by)


def run_ask(*, queue: ReviewQueue, run: Run, number: int, asked_by: str, now: datetime) -> int:
    """Send up to ``number`` judged episodes of a run, drawn at random from those that are not in the queue; returns how many."""
    known = queue.items.filter(episode__run=run).values("episode_id")
    rows = Episode.objects.filter(run=run, status="judged").exclude(pk__in=known).values_list("pk", "index")
    drawn = sorted(rows, key=lambda row: hashlib.sha256(f"{queue.slug}|{run.seed}|{row[1]}".encode()).hexdigest())[:number]
    return items_ask(
        queue=queue,
        episode_ids=[pk for pk, _index in drawn],
        probability=len(drawn) / max(1, len(rows)) or 1.0,
        asked_by=asked_by,
        now=now,
    )


def _add(queue: ReviewQueue, chosen: Sequence[Chosen], now: datetime, asked_by: str = "") -> int:
    """Add what is not in the queue yet, each with its slots."""
    with transaction.atomic():
        # One at a time, so that nobody adds what somebody else is adding.
        ReviewQueue.objects.select_for_update(no_key=True).get(pk=queue.pk)
        ids = [choice.episode for choice in chosen]
        known = set(queue.items.filter(episode_id__in=ids).values_list("episode_id", flat=True))
        items = ReviewItem.objects.bulk_create(
            ReviewItem(
                queue=queue,
                episode_id=choice.episode,
                priority=ASKED_PRIORITY if asked_by else choice.lot,
                stratum=choice.stratum,
                probability=choice.probability,
                asked_by=asked_by[:150],
                state=ItemState.WAITING,
                created=now,
            )
            for choice in chosen
            if choice.episode not in known
        )
        ReviewSlot.objects.bulk_create(ReviewSlot(item=item, n=n) for item in items for n in range(1, queue.overlap + 1))
        return len(items)


def route(*, queue: ReviewQueue, run: Run, now: datetime) -> int:
    """Look at the run's blocks that are over and were not looked at yet, and send what is drawn; returns how many items are new."""
    routing, _made = ReviewRouting.objects.get_or_create(queue=queue, run=run)
    size, added = block_size(run.episodes, queue.most_per_run), 0
    for _ in range(BLOCKS_AT_ONCE):
        first = routing.blocks * size
        if routing.complete or not _over(run, first, size):
            break
        added += _route_block(queue, run, routing, first, size, now)
        routing.refresh_from_db()
    return added


def _over(run: Run, first: int, size: int) -> bool:
    if run.status in {"finished", "cancelled"}:
        return True
    return not Episode.objects.filter(run=run, index__gte=first, index__lt=first + size, status__in=OPEN_STATUSES).exists()


def _route_block(queue: ReviewQueue, run: Run, routing: ReviewRouting, first: int, size: int, now: datetime) -> int:
    with transaction.atomic():
        mine = ReviewRouting.objects.filter(pk=routing.pk, blocks=routing.blocks)
        # Two ticks at once: one of them goes on.
        if not mine.update(blocks=F("blocks") + 1, complete=first + size >= run.episodes):
            return 0
        return _add(queue, choose(_played(queue, run, first, size), shares_of(queue), queue.slug), now)


def shares_of(queue: ReviewQueue) -> Shares:
    """What the queue's rules want."""
    return Shares(
        fails=queue.fail_share,
        passes=queue.pass_share,
        most=queue.most_per_run,
        disagree=queue.disagree_share,
        unsure=queue.unsure_share,
        release=queue.new_release_share,
        random=queue.random_share,
    )


def _played(queue: ReviewQueue, run: Run, first: int, size: int) -> list[Played]:
    """The block's judged episodes as the deciding judgement says. Judges disagree where the newest words of two kinds of judge differ, or
    members of a panel about a hard criterion.
    """
    rows = Judgement.objects.filter(episode__run=run, episode__index__gte=first, episode__index__lt=first + size)
    judgements = list(rows.select_related("episode").defer("episode__cast", "checks", "reason").order_by("pk"))
    differing = at_odds((row.episode_id, row.judge, failed(row)) for row in judgements if row.overall is not None)
    deciding = [row for row in judgements if row.decides]
    fresh = _fresh(queue, run, {row.episode.release_id for row in deciding}) if queue.new_release_share else set()
    return [
        Played(
            row.episode_id,
            failed(row),
            f"{run.seed}|{row.episode.index}|{row.episode.scenario_id}",
            disagree=row.disputed or row.episode_id in differing,
            unsure=row.overall is not None and row.overall < queue.unsure_below,
            release=row.episode.release_id in fresh,
        )
        for row in deciding
    ]


def _fresh(queue: ReviewQueue, run: Run, releases: set[int]) -> set[int]:
    """Those releases of which no earlier run sent anything to the queue."""
    known = queue.items.filter(episode__release__in=releases, episode__run__lt=run.pk)
    return releases - set(known.values_list("episode__release", flat=True).distinct())


def review_route(*, now: datetime) -> int:
    """Fill every active queue from whatever runs have new blocks; returns how many items are new. Called by the tick."""
    added = 0
    for queue in ReviewQueue.objects.filter(active=True):
        seen = ReviewRouting.objects.filter(queue=queue, complete=True).values("run_id")
        for run in Run.objects.filter(created__gte=queue.created).exclude(pk__in=seen).order_by("pk"):
            added += route(queue=queue, run=run, now=now)
    return added
