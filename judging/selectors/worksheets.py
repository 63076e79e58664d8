"""Questions that people dispute: how far they agree about each, how often it was called ambiguous, and the disputed items side by side."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db.models import Count, Q

from judging.engine.disputes import pairs_agree
from judging.engine.worksheet import Case, Cited, Said, Worksheet
from judging.models import (
    Adjudication,
    AdjudicationOutcome,
    Criterion,
    Review,
    ReviewMode,
    ReviewState,
    RubricNote,
    Verdict,
)
from judging.selectors.adjudications import Answer, answers_by_item
from judging.selectors.reviewer_cards import questions_of
from judging.selectors.reviews import blind_episodes
from judging.selectors.rubrics import rubric_of
from synthesis.models import Event

NEWEST = 3_000
"""Reviews among which agreement is counted."""
LOW, ENOUGH, OFTEN = 0.8, 10, 2
"""A question is disputed below this share of agreeing pairs, of at least so many; or once it was called ambiguous so often."""
MOST_CASES = 50


class Standing(NamedTuple):
    """One question: pairs of answers that agree, of how many; disputes, those that wait, and how many found it ambiguous; open notes."""

    criterion: Criterion
    agree: int
    pairs: int
    disputes: int
    waiting: int
    ambiguous: int
    notes: int

    @property
    def percent(self) -> int | None:
        """Agreement in whole percent, or None."""
        return round(100 * self.agree / self.pairs) if self.pairs else None

    @property
    def disputed(self) -> bool:
        """Whether it wants another wording."""
        return self.ambiguous >= OFTEN or (self.pairs >= ENOUGH and self.agree < LOW * self.pairs)


def standings() -> list[Standing]:
    """Every question that people answered, those first that want another wording, then by how little people agree."""
    agreement = _agreement()
    counts = {row["criterion"]: row for row in _disputes()}
    notes = dict(RubricNote.objects.filter(closed=None).order_by().values_list("criterion").annotate(n=Count("pk")))
    rows = Criterion.objects.filter(pk__in={*agreement, *counts, *notes}).select_related("version__rubric").defer("version__body")
    found = [_standing(row, agreement.get(row.pk, (0, 0)), counts.get(row.pk, {}), notes.get(row.pk, 0)) for row in rows]
    return sorted(found, key=lambda s: (not s.disputed, s.agree / s.pairs if s.pairs else 1, -s.ambiguous, s.criterion.pk))


def _standing(row: Criterion, pairs: tuple[int, int], counts: Mapping[str, int], notes: int) -> Standing:
    return Standing(row, *pairs, counts.get("n", 0), counts.get("waiting", 0), counts.get("ambiguous", 0), notes)


def _disputes() -> Sequence[dict[str, int]]:
    rows = Adjudication.objects.filter(current=True).order_by().values("criterion")
    ambiguous = Count("pk", filter=Q(outcome=AdjudicationOutcome.AMBIGUOUS))
    return list(rows.annotate(n=Count("pk"), waiting=Count("pk", filter=Q(outcome="")), ambiguous=ambiguous))  # type: ignore[arg-type]


def _agreement() -> dict[int, tuple[int, int]]:
    """Pairs of people's first answers that agree, and all pairs, by criterion; of the newest reviews."""
    newest = Review.objects.filter(state=ReviewState.SEALED, revises=None, item__probe="", item__queue__mode=ReviewMode.BLIND)
    items = set(newest.order_by("-pk").values_list("item", flat=True)[:NEWEST])
    rows = Verdict.objects.filter(review__item__in=items, review__state=ReviewState.SEALED, review__revises=None, answered=True)
    together: dict[tuple[int, int], list[float | None]] = defaultdict(list)
    for item, criterion, value in rows.values_list("review__item", "criterion", "value"):
        together[criterion, item].append(value)
    questions = questions_of({criterion for criterion, _item in together})
    found: dict[int, tuple[int, int]] = {}
    for (criterion, _item), values in together.items():
        right, of = pairs_agree(questions[criterion], values)
        before = found.get(criterion, (0, 0))
        found[criterion] = (before[0] + right, before[1] + of)
    return found


def criterion_get(criterion_id: int) -> Criterion | None:
    """A question with its rubric, or None."""
    return Criterion.objects.select_related("version__rubric").filter(pk=criterion_id).first()


def notes_of(criterion: Criterion, *, viewer_id: int) -> list[RubricNote]:
    """Open notes on a question, newest first; not of disputes about episodes that the viewer is reviewing blind."""
    rows = RubricNote.objects.filter(criterion=criterion, closed=None).select_related("by")
    blind = RubricNote.objects.filter(adjudication__item__episode__in=blind_episodes(viewer_id))
    return list(rows.exclude(pk__in=blind.values("pk")).order_by("-pk"))


def note_get(note_id: int) -> RubricNote | None:
    """A note with its question, or None."""
    return RubricNote.objects.select_related("criterion").filter(pk=note_id).first()


def worksheet(criterion: Criterion, *, viewer_id: int) -> Worksheet:
    """The newest disputed items of a question, without those that the viewer is reviewing blind. Nobody is named; letters stay."""
    question = next(asked for asked in rubric_of(criterion.version).criteria if asked.id == criterion.slug)
    rows = Adjudication.objects.filter(current=True, criterion=criterion).exclude(item__episode__in=blind_episodes(viewer_id))
    found = list(rows.select_related("item__episode").defer("item__episode__cast").order_by("-pk")[:MOST_CASES])
    answers = answers_by_item([row.item for row in found], criterion.version_id)
    said = {row.item_id: answers.get(row.item_id, {}).get(criterion.slug, []) for row in found}
    heads = _heads({(row.item.episode_id, seq) for row in found for answer in said[row.item_id] for seq in answer.evidence})
    return Worksheet(
        rubric=f"{criterion.version.rubric.name} #{criterion.version.number}",
        criterion=criterion.slug,
        question=criterion.question,
        hard=criterion.hard,
        scale=question.scale,
        notes=[note.text for note in notes_of(criterion, viewer_id=viewer_id)],
        cases=[_case(row, said[row.item_id], heads) for row in found],
    )


def _heads(places: set[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """One line of each of these events (episode, number)."""
    episodes, numbers = {episode for episode, _seq in places}, {seq for _episode, seq in places}
    rows = Event.objects.filter(episode__in=episodes, seq__in=numbers).values_list("episode", "seq", "head")
    return {(episode, seq): head for episode, seq, head in rows}


def _case(row: Adjudication, answers: Sequence[Answer], heads: Mapping[tuple[int, int], str]) -> Case:
    episode = row.item.episode
    said = [Said(a.letter, a.value, a.reason, [Cited(seq, heads.get((episode.pk, seq), "")) for seq in a.evidence]) for a in answers]
    return Case(row.item_id, episode.pk, episode.domain, said, row.outcome, row.value, row.note)
