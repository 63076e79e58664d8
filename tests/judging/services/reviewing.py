"""Builders of review queues: items of judged episodes, people, sheets filled in."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.review import Answer, Sheet
from judging.models import Review, ReviewItem, ReviewQueue
from judging.services import judge_bench, judgements_write, rubric_install, starter_rubric
from judging.services.review_claims import claim_next
from judging.services.review_queues import items_ask, queue_install
from judging.services.review_work import review_seal
from synthesis.models import Episode, Run
from tests.judging.builders import PACK, Talk, good
from tests.judging.services.rows import RecordedWorlds, finished, make_run


def judged_run(*talks: Talk, matching: bool = True) -> Run:
    """A finished run of judged episodes; ``matching`` False: none of them did what it should."""
    rubric_install(rubric=starter_rubric())
    run = make_run(talks)
    worlds = RecordedWorlds(matching=matching)
    assessing = judge_bench().assess(items=finished(run, talks), worlds=worlds, packs=lambda digest: PACK)
    # In a thread of its own, since a browser test has an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        assessed = thread.submit(asyncio.run, assessing).result()
    judgements_write(assessments=assessed, bench=judge_bench())
    Episode.objects.filter(run=run).update(status="judged")
    Run.objects.filter(pk=run.pk).update(status="finished")
    run.refresh_from_db()
    return run


def a_queue(items: int = 3, **fields: object) -> ReviewQueue:
    """A queue with that many items of one run."""
    queue = queue_install(version=rubric_install(rubric=starter_rubric()))
    for name, value in fields.items():
        setattr(queue, name, value)
    queue.save()
    if items:
        run = judged_run(*[good() for _ in range(items)])
        ids = list(Episode.objects.filter(run=run).order_by("index").values_list("pk", flat=True))
        items_ask(queue=queue, episode_ids=ids, probability=1.0, asked_by="owner", now=timezone.now())
    return queue


def reviewer(name: str = "ann") -> User:
    """Somebody who reviews."""
    return User.objects.get_or_create(username=name)[0]


def claimed(queue: ReviewQueue, who: User) -> Review:
    """The next item, for ``who``."""
    review = claim_next(queue=queue, reviewer_id=who.pk, now=timezone.now())
    assert review is not None
    return review


def full(decision: str = "keep", value: int = 5, **more: object) -> Sheet:
    """A sheet that lacks nothing."""
    answers = [Answer(c.id, True, value, "seen", [1]) for c in starter_rubric().criteria]
    return Sheet(**{"answers": answers, "decision": decision, **more})  # type: ignore[arg-type]


def token_of(review: Review) -> str:
    """The token of its tenure, as its page holds it."""
    review.refresh_from_db()
    return review.slot.token if review.slot else ""


def sealed(queue: ReviewQueue, who: User, decision: str = "keep", value: int = 5) -> Review:
    """The next item, reviewed by ``who``."""
    review = claimed(queue, who)
    assert review_seal(review=review, sheet=full(decision, value), token=token_of(review), now=timezone.now()).flaws == []
    return review


def an_item(queue: ReviewQueue) -> ReviewItem:
    """The queue's first item."""
    return queue.items.order_by("pk")[0]
