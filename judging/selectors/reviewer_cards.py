"""How reviewers do: on gold, among each other, against what was settled, on what they had seen before, and how fast.

An answer is right, and two answers agree, as ``engine.disputes.agree`` says: on one side of the rejection line, at most a point apart.
First versions count, as they were sealed. Shares are of the newest reviews, so that a card is quick and tells how somebody does now.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from judging.engine.disputes import agree
from judging.engine.rubric import Criterion as Question
from judging.models import Adjudication, AdjudicationOutcome, GoldItem, Probe, Review, ReviewMode, ReviewQueue, ReviewState, Verdict
from judging.models import Criterion as CriterionRow
from judging.selectors.rubrics import rubric_of

NEWEST = 3_000
"""Reviews that the shares are taken from."""
SETTLED = (AdjudicationOutcome.REVIEW, AdjudicationOutcome.JUDGE, AdjudicationOutcome.NEW)


class Share(NamedTuple):
    """``right`` of ``of`` answers."""

    right: int
    of: int

    @property
    def percent(self) -> int | None:
        """In whole percent; None when there is nothing to tell."""
        return round(100 * self.right / self.of) if self.of else None


class Card(NamedTuple):
    """One reviewer: what they sealed, left and hold; reviews that came late; minutes at work, and reviews an hour of that.

    ``gold`` is right answers on items whose truth is known; ``others`` agreement with other people, pair by pair; ``settled`` agreement
    with adjudicated values; ``self`` with their own earlier answers to the same item.
    """

    reviewer: int
    username: str
    sealed: int
    declined: int
    drafts: int
    late: int
    minutes: int
    per_hour: float | None
    gold: Share
    others: Share
    settled: Share
    own: Share


class Given(NamedTuple):
    """One person's first answer to a criterion of an item."""

    item: int
    criterion: int
    reviewer: int
    value: int | None


def cards(*, queue: ReviewQueue | None = None, reviewer_id: int | None = None, probes_until: datetime | None = None) -> list[Card]:
    """Everybody who had an item (of the queue), busiest first; or one person.

    ``probes_until``: gold and repeated items sealed later are left out. Somebody who looks at their own card after every review would
    otherwise learn which of them was one.
    """
    reviews = Review.objects.filter(revises=None)
    if queue is not None:
        reviews = reviews.filter(item__queue=queue)
    mine = reviews.filter(reviewer=reviewer_id) if reviewer_id is not None else reviews
    newest = mine.filter(state=ReviewState.SEALED, item__probe="", item__queue__mode=ReviewMode.BLIND).order_by("-pk")
    items = set(newest.values_list("item", flat=True)[:NEWEST])
    given = _given(Verdict.objects.filter(review__item__in=items, review__item__probe="", review__revises=None))
    questions = questions_of({answer.criterion for answer in given})
    probed = mine.filter(item__queue__mode=ReviewMode.BLIND).exclude(item__probe="")
    if probes_until is not None:
        probed = probed.filter(sealed__lt=probes_until)
    shares = {
        "others": _others(given, questions),
        "settled": _against(given, _settled(items), questions),
        "gold": _gold(probed),
        "own": _own(probed),
    }
    return [_card(row, shares) for row in _effort(mine)]


def _given(rows: QuerySet[Verdict]) -> list[Given]:
    rows = rows.filter(answered=True, review__state=ReviewState.SEALED)
    return [Given(*row) for row in rows.values_list("review__item", "criterion", "review__reviewer", "value")]


def questions_of(criteria: Iterable[int]) -> dict[int, Question]:
    """Criteria of rubrics by the id of their rows."""
    found: dict[int, Question] = {}
    rows = CriterionRow.objects.filter(pk__in=set(criteria)).select_related("version")
    for version in {row.version_id: row.version for row in rows}.values():
        asked = {criterion.id: criterion for criterion in rubric_of(version).criteria}
        found |= {row.pk: asked[row.slug] for row in rows if row.version_id == version.pk}
    return found


def _others(given: list[Given], questions: Mapping[int, Question]) -> dict[int, Share]:
    together: dict[tuple[int, int], list[Given]] = defaultdict(list)
    for answer in given:
        together[answer.item, answer.criterion].append(answer)
    right: Counter[int] = Counter()
    of: Counter[int] = Counter()
    for (_item, criterion), answers in together.items():
        for one in answers:
            rest = [other.value for other in answers if other.reviewer != one.reviewer]
            of[one.reviewer] += len(rest)
            right[one.reviewer] += sum(agree(questions[criterion], one.value, value) for value in rest)
    return {reviewer: Share(right[reviewer], of[reviewer]) for reviewer in of}


def _settled(items: set[int]) -> dict[tuple[int, int], int | None]:
    rows = Adjudication.objects.filter(item__in=items, current=True, outcome__in=SETTLED)
    return {(item, criterion): value for item, criterion, value in rows.values_list("item", "criterion", "value")}


def _against(given: Iterable[Given], truth: Mapping[tuple[int, int], int | None], questions: Mapping[int, Question]) -> dict[int, Share]:
    right: Counter[int] = Counter()
    of: Counter[int] = Counter()
    for answer in given:
        place = (answer.item, answer.criterion)
        if place in truth:
            of[answer.reviewer] += 1
            right[answer.reviewer] += agree(questions[answer.criterion], answer.value, truth[place])
    return {reviewer: Share(right[reviewer], of[reviewer]) for reviewer in of}


def _gold(probed: QuerySet[Review]) -> dict[int, Share]:
    """Right answers on gold items, of those criteria of which something is expected."""
    rows = probed.filter(item__probe=Probe.GOLD, state=ReviewState.SEALED).order_by("-pk")
    origins = {item: origin for item, origin in rows.values_list("item", "item__origin")[:NEWEST] if origin}
    given = _given(Verdict.objects.filter(review__in=rows.filter(item__in=origins), review__revises=None))
    questions = questions_of({answer.criterion for answer in given})
    expected = dict(GoldItem.objects.filter(item__in=origins.values()).values_list("item", "expected"))
    truth = {}
    for answer in given:
        values = expected.get(origins[answer.item], {})
        if questions[answer.criterion].id in values:
            truth[answer.item, answer.criterion] = values[questions[answer.criterion].id]
    return _against(given, truth, questions)


def _own(probed: QuerySet[Review]) -> dict[int, Share]:
    """Agreement of repeated items with what the same person said first."""
    rows = probed.filter(item__probe=Probe.REPEAT, state=ReviewState.SEALED).order_by("-pk")
    rounds = {item: (origin, who) for item, origin, who in rows.values_list("item", "item__origin", "reviewer")[:NEWEST]}
    given = _given(Verdict.objects.filter(review__in=rows.filter(item__in=rounds), review__revises=None))
    first = _given(Verdict.objects.filter(review__item__in={origin for origin, _who in rounds.values()}, review__revises=None))
    said = {(answer.item, answer.criterion, answer.reviewer): answer.value for answer in first}
    truth = {}
    for answer in given:
        place = (rounds[answer.item][0], answer.criterion, answer.reviewer)
        if place in said:
            truth[answer.item, answer.criterion] = said[place]
    return _against(given, truth, questions_of({answer.criterion for answer in given}))


def _effort(mine: QuerySet[Review]) -> list[dict[str, Any]]:
    done = Q(state=ReviewState.SEALED)
    rows: Iterable[Any] = (
        mine.order_by()
        .values("reviewer", "reviewer__username")
        .annotate(
            sealed_n=Count("pk", filter=done),
            timed_n=Count("pk", filter=done & Q(active_seconds__gt=0)),
            declined_n=Count("pk", filter=Q(state__in=[ReviewState.DECLINED, ReviewState.BROKEN])),
            drafts_n=Count("pk", filter=Q(state=ReviewState.DRAFT)),
            late_n=Count("pk", filter=Q(late=True)),
            seconds=Sum("active_seconds"),
            sealed_seconds=Sum("active_seconds", filter=done),
        )
        .order_by("-sealed_n", "reviewer__username")
    )
    return list(rows)


def _card(row: Mapping[str, Any], shares: Mapping[str, Mapping[int, Share]]) -> Card:
    nothing, reviewer, seconds = Share(0, 0), row["reviewer"], row["sealed_seconds"] or 0
    return Card(
        reviewer=reviewer,
        username=row["reviewer__username"],
        sealed=row["sealed_n"],
        declined=row["declined_n"],
        drafts=row["drafts_n"],
        late=row["late_n"],
        minutes=round((row["seconds"] or 0) / 60),
        per_hour=3600 * row["timed_n"] / seconds if seconds else None,
        **{name: found.get(reviewer, nothing) for name, found in shares.items()},
    )
