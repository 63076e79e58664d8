"""A draft of a rubric on episodes that were judged before: what it would have said, from what checks found then. Asks nobody."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from judging.engine.aggregation import hard_fails, overall
from judging.engine.check_limits import applies_to, limit_of
from judging.engine.rubric import Criterion, CriterionScore, Rubric


class Seen(NamedTuple):
    """What is known of one episode. ``checks`` as a judgement keeps them {id: 0-1, or None: did not apply}; ``broken`` ids of those that
    are; ``said``: values 0-5 that a judge gave to criteria of the published version (None: does not apply).
    """

    answerable: bool
    calls: bool
    checks: Mapping[str, float | None]
    broken: frozenset[str]
    said: Mapping[str, float | None]


class Outcome(NamedTuple):
    """What a rubric says of an episode: values by criterion (None: does not apply), the overall score, whether it passes; ``open`` are
    criteria that nobody was asked. ``passed`` is None while a hard one is among them and nothing else failed.
    """

    values: dict[str, float | None]
    overall: float | None
    passed: bool | None
    open: list[str]


class Sampled(NamedTuple):
    """A candidate for the sample: its key, whether people reviewed it, and the stratum that it stands for."""

    key: int
    reviewed: bool
    stratum: tuple[object, ...]


def sample(candidates: Sequence[Sampled], number: int) -> list[int]:
    """Keys of about ``number`` of them: one of each stratum in turn, reviewed ones first, then in the order given."""
    strata: dict[tuple[object, ...], list[Sampled]] = {}
    for candidate in candidates:
        strata.setdefault(candidate.stratum, []).append(candidate)
    rows = [sorted(members, key=lambda one: not one.reviewed) for members in strata.values()]
    rows.sort(key=lambda members: not members[0].reviewed)
    rounds = max(map(len, rows), default=0)
    return [members[turn].key for turn in range(rounds) for members in rows if turn < len(members)][:number]


def outcome(rubric: Rubric, seen: Seen, published: Rubric | None) -> Outcome:
    """What ``rubric`` says. A criterion for judges keeps the value given under ``published`` while it is worded as there."""
    known = {c.id: c for c in published.criteria} if published else {}
    scores: list[CriterionScore] = []
    left_open: list[str] = []
    for criterion in rubric.criteria:
        if criterion.answered_by == "check":
            value = value_of(criterion, seen)
        elif not applies_to(criterion, answerable=seen.answerable, calls=seen.calls):
            value = None
        elif criterion.id in seen.said and _asks_the_same(criterion, known.get(criterion.id)):
            value = seen.said[criterion.id]
        else:
            left_open.append(criterion.id)
            continue
        failed = criterion.hard and value is not None and value < criterion.pass_at
        scores.append(CriterionScore(criterion.id, value, "", [], failed))
    failed_hard = hard_fails(scores)
    unsure = not failed_hard and any(c.hard for c in rubric.criteria if c.id in left_open)
    return Outcome({s.criterion: s.value for s in scores}, overall(rubric, scores), None if unsure else not failed_hard, left_open)


def value_of(criterion: Criterion, seen: Seen) -> float | None:
    """A criterion answered from checks, 0-5; None where it does not apply."""
    asked = [check for check in criterion.checks if seen.checks.get(check) is not None]
    if not asked or not applies_to(criterion, answerable=seen.answerable, calls=seen.calls):
        return None
    return round(min(limit_of(criterion, check, check in seen.broken, seen.checks[check] or 0.0) for check in asked), 3)


def flips(pairs: Iterable[tuple[Outcome, Outcome]]) -> dict[tuple[bool | None, bool | None], int]:
    """How many episodes (passed before, passes now): None is open."""
    found: dict[tuple[bool | None, bool | None], int] = {}
    for old, new in pairs:
        found[old.passed, new.passed] = found.get((old.passed, new.passed), 0) + 1
    return found


def _asks_the_same(new: Criterion, old: Criterion | None) -> bool:
    """Whether a judge would read the same: question and anchors. Weight and mark change what is made of the answer alone."""
    return old is not None and (new.question, new.scale, new.answered_by) == (old.question, old.scale, old.answered_by)
