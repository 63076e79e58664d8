"""Rubrics: an immutable version of weighted criteria. Scores are on 0-5.

A criterion answered by checks starts at 5. A broken check leaves at most its ``caps`` entry; a check of degree leaves at most 5 times its
value.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

BEST = 5.0


class RubricError(ValueError):
    """A rubric that cannot be used; the text names the place and the remedy."""


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One graded question.

    ``scale`` has a sentence for each anchor, by value 0-5. ``caps`` maps check ids to the most that is left when that check is broken;
    ``grades`` are checks of degree. ``hard``: a score below ``pass_at`` rejects the episode. ``applies_when``: ``always``, or a kind of
    scenario. ``answered_by`` check or judge.
    """

    id: str
    question: str
    weight: float
    scale: dict[int, str]
    caps: dict[str, float] = {}
    grades: list[str] = []
    hard: bool = False
    pass_at: float = 3.0
    applies_when: Literal["always", "answerable", "unanswerable", "calls"] = "always"
    evidence: bool = True
    answered_by: Literal["check", "judge"] = "check"

    @property
    def checks(self) -> list[str]:
        """The checks that it is answered from."""
        return list(dict.fromkeys([*self.caps, *self.grades]))


class Rubric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named set of criteria."""

    slug: str
    name: str
    description: str
    criteria: list[Criterion]

    @property
    def digest(self) -> str:
        """sha256 of the canonical content."""
        return hashlib.sha256(msgspec.json.encode(msgspec.to_builtins(self, str_keys=True), order="sorted")).hexdigest()


class CriterionScore(msgspec.Struct, frozen=True):
    """A criterion's answer. ``value`` 0-5, or None where it does not apply; ``evidence`` are event numbers."""

    criterion: str
    value: float | None
    reason: str
    evidence: list[int] = []
    failed_hard: bool = False


def rubric_from(data: Mapping[str, Any], checks: frozenset[str]) -> Rubric:
    """A rubric from parsed YAML or JSON. Raises RubricError naming the place: unknown fields and checks, missing anchors, odd weights."""
    try:
        rubric = msgspec.convert(data, Rubric, strict=False)
    except msgspec.ValidationError as error:
        raise RubricError(f"rubric: {error}") from error
    if len({c.id for c in rubric.criteria}) != len(rubric.criteria) or not rubric.criteria:
        raise RubricError("criteria: there must be at least one, and ids must differ")
    for criterion in rubric.criteria:
        _examine(criterion, checks)
    return rubric


def _examine(criterion: Criterion, checks: frozenset[str]) -> None:
    place = f"criteria.{criterion.id}"
    if criterion.weight <= 0:
        raise RubricError(f"{place}.weight: must be above 0")
    if not {0, 5} <= set(criterion.scale) or not set(criterion.scale) <= set(range(6)):
        raise RubricError(f"{place}.scale: needs a sentence for 0 and for 5, and for no value beyond")
    if any(not 0 <= cap <= BEST for cap in criterion.caps.values()):
        raise RubricError(f"{place}.caps: values lie between 0 and 5")
    if criterion.answered_by == "check" and not criterion.checks:
        raise RubricError(f"{place}: answered by check, so caps or grades must name one")
    for check in criterion.checks:
        if check not in checks:
            raise RubricError(f"{place}: there is no check {check!r}; checks are {', '.join(sorted(checks))}")
