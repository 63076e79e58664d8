"""Builders of labelled, judged episodes: many sealed reviews written straight to the tables."""

import random
from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.rubric import Rubric
from judging.models import (
    Calibration,
    Criterion,
    CriterionScore,
    Judgement,
    Review,
    ReviewItem,
    ReviewQueue,
    RubricVersion,
    Verdict,
)  # fmt: skip
from judging.services import rubric_install, starter_rubric
from judging.services.review_queues import queue_create, queue_install
from synthesis.models import Episode, Run

VERSION = "a" * 64
Says = Callable[[random.Random, int, str], int]
"""What somebody gives an episode whose true value (0-5) of a criterion is known."""


def truthful(rng: random.Random, truth: int, criterion: str) -> int:
    """Says what is true."""
    return truth


def careless(rng: random.Random, truth: int, criterion: str) -> int:
    """Says anything every fourth time."""
    return truth if rng.random() < 0.75 else rng.choice((0, 2, 5))


def always_pass(rng: random.Random, truth: int, criterion: str) -> int:
    """Says that everything is perfect."""
    return 5


def judged_by(run: Run, truths: dict[int, int], says: Says, version: str = VERSION, judge: str = "model", seed: int = 1) -> None:
    """Judgements of the run's episodes by a judge that says ``says`` of their true values."""
    rubric_version = rubric_install(rubric=starter_rubric())
    rubric, criteria, rng = starter_rubric(), list(rubric_version.criteria.all()), random.Random(seed)
    rows, values = [], []
    for episode, truth in truths.items():
        given = {criterion.slug: says(rng, truth, criterion.slug) for criterion in criteria}
        rows.append(_judgement(episode, rubric_version, version, judge, given, rubric))
        values.append(given)
    written = Judgement.objects.bulk_create(rows)
    CriterionScore.objects.bulk_create(
        CriterionScore(judgement=row, criterion=criterion, value=given[criterion.slug], reason="so it seems", evidence=[1])
        for row, given in zip(written, values, strict=True)
        for criterion in criteria
    )


def _judgement(episode: int, rubric_version: RubricVersion, version: str, judge: str, given: dict[str, int], rubric: Rubric) -> Judgement:
    fallen = [criterion.id for criterion in rubric.criteria if criterion.hard and given[criterion.id] < criterion.pass_at]
    return Judgement(
        episode_id=episode, judge=judge, judge_version=version, rubric_version=rubric_version, overall=sum(given.values()) / len(given),
        passed=not fallen, process_credit=1, hard_fails=fallen, party="agent" if fallen else "", tag=fallen[0] if fallen else "",
        checks={}, exact_digest="e" * 64, structural_digest="s" * 64,
    )  # fmt: skip


def reviewed_by(queue: ReviewQueue, truths: dict[int, int], people: dict[str, Says], *, now: datetime | None = None, seed: int = 2) -> None:
    """Sealed reviews of the episodes by each of ``people``."""
    now, rng = now or timezone.now(), random.Random(seed)
    items = ReviewItem.objects.bulk_create(
        ReviewItem(queue=queue, episode_id=episode, stratum="asked", probability=1.0, state="done", created=now) for episode in truths
    )
    criteria = list(Criterion.objects.filter(version=queue.rubric_version))
    for name, says in people.items():
        reviewer = User.objects.get_or_create(username=name)[0]
        reviews = Review.objects.bulk_create(
            Review(item=item, reviewer=reviewer, state="sealed", decision="keep", started=now, sealed=now) for item in items
        )
        Verdict.objects.bulk_create(
            (
                Verdict(
                    review=review,
                    criterion=criterion,
                    answered=True,
                    value=says(rng, truths[item.episode_id], criterion.slug),
                    reason="",
                    evidence=[],
                )
                for review, item in zip(reviews, items, strict=True)
                for criterion in criteria
            ),
            batch_size=2000,
        )


def a_queue(slug: str = "") -> ReviewQueue:
    """The usual queue, or another one."""
    version = rubric_install(rubric=starter_rubric())
    if not slug:
        return queue_install(version=version)
    return queue_create(version=version, mode="blind", name=slug)


def truths_of(run: Run, bad: float, seed: int = 3) -> dict[int, int]:
    """A true value for each judged episode of a run: 5, or 1 for a share of ``bad`` ones."""
    rng = random.Random(seed)
    return {
        pk: 1 if rng.random() < bad else 5
        for pk in Episode.objects.filter(run=run, status="judged").order_by("pk").values_list("pk", flat=True)
    }


def a_calibration(version: str = VERSION, judge: str = "model", **fields: object) -> Calibration:
    """One that a worker has taken for the first time."""
    rubric_version = rubric_install(rubric=starter_rubric())
    now = timezone.now()
    given = {"judge_version": version, "judge": judge, "rubric_version": rubric_version, "asked_by": "owner", "created": now, "asked": now}
    return Calibration.objects.create(**{**given, "status": "working", "attempts": 1, **fields})
