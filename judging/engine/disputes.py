"""On which criteria answers differ so much that somebody else must settle it, and how far answers agree.

Two answers agree when both or neither reject the episode and they lie at most one point apart; "does not apply" agrees only with itself,
but rejects nothing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Literal

import msgspec

from judging.engine.review import fails_hard
from judging.engine.rubric import Criterion, Rubric

Cause = Literal["people", "judge"]
NEAR = 1.0
"""Values that lie no farther apart agree."""


class Dispute(msgspec.Struct, frozen=True):
    """A hard criterion on which people differ, or a person and the judge."""

    criterion: str
    cause: Cause


def disputes(rubric: Rubric, people: Sequence[Mapping[str, float | None]], judge: Mapping[str, float | None]) -> list[Dispute]:
    """The disputes among answers by criterion of several ``people`` and of the deciding ``judge`` (empty: it answered nothing)."""
    found = []
    for criterion in rubric.criteria:
        if not criterion.hard:
            continue
        sides = {fails_hard(criterion, answers[criterion.id]) for answers in people if criterion.id in answers}
        if len(sides) > 1:
            found.append(Dispute(criterion.id, "people"))
        elif criterion.id in judge and sides and fails_hard(criterion, judge[criterion.id]) not in sides:
            found.append(Dispute(criterion.id, "judge"))
    return found


def agree(criterion: Criterion, one: float | None, other: float | None) -> bool:
    """Whether two answers to a criterion agree."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= NEAR and fails_hard(criterion, one) == fails_hard(criterion, other)


def pairs_agree(criterion: Criterion, values: Sequence[float | None]) -> tuple[int, int]:
    """Of all pairs of these answers to one criterion: how many agree, and how many there are."""
    pairs = list(combinations(values, 2))
    return sum(agree(criterion, one, other) for one, other in pairs), len(pairs)


def settled_value(criterion: Criterion, values: Sequence[int | None]) -> tuple[bool, int | None]:
    """What several people say together: whether they say one thing, and what: the lower median; None where most say that it does not apply.

    They do not say one thing where some of them reject the episode by a hard criterion and others do not.
    """
    if len({fails_hard(criterion, value) for value in values}) > 1:
        return False, None
    given = sorted(value for value in values if value is not None)
    if 2 * len(given) <= len(values):
        return True, None
    return True, given[(len(given) - 1) // 2]


def in_order(sources: Sequence[str], salt: str) -> list[str]:
    """Sources of answers in an order that is random and stays: A, B, C of one criterion tell nothing about who gave them."""
    return sorted(sources, key=lambda source: hashlib.sha256(f"{salt}|{source}".encode()).hexdigest())
