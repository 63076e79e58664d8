"""What waits for adjudication, as whoever settles it meets it: answers without names."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from string import ascii_uppercase
from typing import NamedTuple

from django.db.models import Exists, F, Min, OuterRef, Prefetch, QuerySet

from judging.engine.disputes import in_order
from judging.engine.rubric import Criterion
from judging.models import Adjudication, Review, ReviewItem, ReviewState, Verdict
from judging.selectors.deciding import scores_of
from judging.selectors.reviews import blind_episodes
from judging.selectors.rubrics import rubric_of

JUDGE = "judge"


class Answer(NamedTuple):
    """One answer to a disputed criterion. ``letter`` is all that the page says of where it comes from; ``source`` is a review's id or
    ``judge``, and stays on the server.
    """

    letter: str
    source: str
    value: float | None
    reason: str
    evidence: list[int]


class Disputed(NamedTuple):
    """A criterion that waits to be settled, and its answers A, B, C."""

    adjudication: Adjudication
    criterion: Criterion
    answers: list[Answer]


class WaitingItem(NamedTuple):
    """An item with disputed criteria: their slugs, whether people or the judge differ, since when."""

    item: ReviewItem
    criteria: list[str]
    causes: set[str]
    since: datetime

    @property
    def pk(self) -> int:
        """Its place in the list."""
        return self.item.pk


def open_to(person_id: int) -> QuerySet[Adjudication]:
    """What this person may settle: nothing of items that they had themselves, nor of episodes that they are reviewing blind."""
    own = Review.objects.filter(item=OuterRef("item"), reviewer_id=person_id)
    rows = Adjudication.objects.filter(~Exists(own), current=True, outcome="")
    return rows.exclude(item__episode__in=blind_episodes(person_id))


def waiting_number(person_id: int) -> tuple[int, int]:
    """Items that wait for this person to settle them, and those that wait for others."""
    mine = open_to(person_id).values("item").distinct().count()
    return mine, Adjudication.objects.filter(current=True, outcome="").values("item").distinct().count() - mine


def waiting_items(*, person_id: int, after: int | None = None, limit: int = 50) -> list[WaitingItem]:
    """Items with something that this person may settle, oldest item first; three queries."""
    numbers = open_to(person_id).filter(item__gt=after or 0).order_by("item").values_list("item", flat=True).distinct()
    wanted = list(numbers[:limit])
    waiting = Prefetch("adjudications", _waiting())
    items = ReviewItem.objects.filter(pk__in=wanted).select_related("queue", "episode").defer("episode__cast").prefetch_related(waiting)
    return [_waiting_item(item) for item in items.order_by("pk")]


def _waiting_item(item: ReviewItem) -> WaitingItem:
    rows = list(item.adjudications.all())
    return WaitingItem(item, [row.criterion.slug for row in rows], {row.cause for row in rows}, min(row.created for row in rows))


def _waiting() -> QuerySet[Adjudication]:
    return Adjudication.objects.filter(current=True, outcome="").select_related("criterion").order_by("criterion__position")


def next_item(*, person_id: int) -> int | None:
    """The item that has waited longest for this person to settle it, or None."""
    rows = open_to(person_id).order_by().values("item").annotate(since=Min("created")).order_by("since", "item")
    return rows.values_list("item", flat=True).first()


def item_of(*, item_id: int, person_id: int) -> ReviewItem | None:
    """The item, where this person may settle something of it."""
    if not open_to(person_id).filter(item=item_id).exists():
        return None
    return ReviewItem.objects.select_related("queue__rubric_version__rubric", "episode").get(pk=item_id)


def disputed(item: ReviewItem) -> list[Disputed]:
    """What waits to be settled of an item, in the order of the rubric."""
    rows = list(_waiting().filter(item=item))
    criteria = {criterion.id: criterion for criterion in rubric_of(item.queue.rubric_version).criteria}
    answers = answers_of(item)
    return [Disputed(row, criteria[row.criterion.slug], answers.get(row.criterion.slug, [])) for row in rows]


def answers_of(item: ReviewItem) -> dict[str, list[Answer]]:
    """Every answer to the item's criteria, of people and of the deciding judge, under letters."""
    return answers_by_item([item], item.queue.rubric_version_id).get(item.pk, {})


def answers_by_item(items: Sequence[ReviewItem], rubric_version_id: int) -> dict[int, dict[str, list[Answer]]]:
    """The same for several items under one version of a rubric; three queries."""
    found: dict[tuple[int, str], dict[str, tuple[float | None, str, list[int]]]] = {}
    for verdict in _said(items):
        answers = found.setdefault((verdict.review.item_id, verdict.criterion.slug), {})
        answers[str(verdict.review_id)] = (verdict.value, verdict.reason, verdict.evidence)
    scores = scores_of({item.episode_id for item in items}, rubric_version_id)
    for item in items:
        for slug, score in scores.get(item.episode_id, {}).items():
            found.setdefault((item.pk, slug), {})[JUDGE] = (score.value, score.reason, score.evidence)
    lettered: dict[int, dict[str, list[Answer]]] = {}
    for (item_id, slug), answers in found.items():
        lettered.setdefault(item_id, {})[slug] = _lettered(answers, f"{item_id}|{slug}")
    return lettered


def _lettered(answers: Mapping[str, tuple[float | None, str, list[int]]], salt: str) -> list[Answer]:
    order = in_order(list(answers), salt)
    return [Answer(ascii_uppercase[place], source, *answers[source]) for place, source in enumerate(order)]


def people_of(item: ReviewItem) -> Sequence[Verdict]:
    """Answers of everybody who sealed a review of the item, each in the newest version."""
    return list(_said([item]))


def _said(items: Sequence[ReviewItem]) -> QuerySet[Verdict]:
    rows = Verdict.objects.filter(review__item__in=items, review__state=ReviewState.SEALED, review__revision__isnull=True, answered=True)
    return rows.select_related("criterion", "review").order_by("criterion__position", "review")


def settled_lately(*, viewer_id: int, queue_id: int | None = None, person_id: int | None = None, limit: int = 20) -> list[Adjudication]:
    """What was settled, newest first; of a queue, or by one person. Nothing of episodes that the viewer is reviewing blind."""
    rows = Adjudication.objects.filter(current=True, settled__isnull=False).select_related("item__queue", "criterion", "by")
    rows = rows.exclude(item__episode__in=blind_episodes(viewer_id))
    if queue_id is not None:
        rows = rows.filter(item__queue=queue_id)
    if person_id is not None:
        rows = rows.filter(by=person_id)
    return list(rows.order_by(F("settled").desc(), "-pk")[:limit])


def adjudication_get(adjudication_id: int) -> Adjudication | None:
    """A settled one that counts, or None."""
    rows = Adjudication.objects.filter(pk=adjudication_id, current=True).exclude(outcome="")
    return rows.select_related("item__queue", "criterion").first()
