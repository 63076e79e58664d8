"""A review as somebody fills it in, and what it still lacks before it can be sealed."""

from typing import Literal

import msgspec

from judging.engine.rubric import Criterion, Rubric

Lack = Literal["no_value", "no_ground", "no_event", "no_decision", "no_party"]
DECISION, FIRST_ERROR, BLAME = "decision", "first_error", "blame"
"""Places of flaws beside the ids of criteria."""


class Answer(msgspec.Struct, frozen=True):
    """What somebody says to one criterion: ``value`` 0-5; None and ``answered`` where it does not apply."""

    criterion: str
    answered: bool = False
    value: int | None = None
    reason: str = ""
    evidence: list[int] = []


class Sheet(msgspec.Struct, frozen=True):
    """A review as filled in so far. ``decision`` is keep, fix, drop, or "" for none yet; ``confidence`` 1-3.

    ``party``, ``tag`` and ``severity`` say whose fault a failure is, by what mistake and how bad (engine.attribution); each may be "".
    """

    answers: list[Answer] = []
    decision: str = ""
    confidence: int | None = None
    comment: str = ""
    first_error: int | None = None
    active_seconds: int = 0
    party: str = ""
    tag: str = ""
    severity: str = ""


class Flaw(msgspec.Struct, frozen=True):
    """Why a sheet cannot be sealed: ``place`` is a criterion's id, ``decision``, ``first_error`` or ``blame``; ``events`` are those that
    are not there.
    """

    place: str
    lack: Lack
    events: list[int] = []


def flaws_of(sheet: Sheet, rubric: Rubric, events: int) -> list[Flaw]:
    """What ``sheet`` lacks: an answer to each criterion, a ground for each hard fail, a decision; and events beyond the log."""
    answers = {answer.criterion: answer for answer in sheet.answers}
    flaws = [flaw for criterion in rubric.criteria if (flaw := _flaw(criterion, answers.get(criterion.id, Answer(criterion.id)), events))]
    if sheet.first_error is not None and not 0 <= sheet.first_error < events:
        flaws.append(Flaw(FIRST_ERROR, "no_event", [sheet.first_error]))
    if (sheet.tag or sheet.severity) and not sheet.party:
        flaws.append(Flaw(BLAME, "no_party"))
    if not sheet.decision:
        flaws.append(Flaw(DECISION, "no_decision"))
    return flaws


def _flaw(criterion: Criterion, answer: Answer, events: int) -> Flaw | None:
    if not answer.answered:
        return Flaw(criterion.id, "no_value")
    beyond = [seq for seq in answer.evidence if not 0 <= seq < events]
    if beyond:
        return Flaw(criterion.id, "no_event", beyond)
    if fails_hard(criterion, answer.value) and not answer.evidence and not answer.reason.strip():
        return Flaw(criterion.id, "no_ground")
    return None


def fails_hard(criterion: Criterion, value: float | None) -> bool:
    """Whether this value of a hard criterion rejects the episode."""
    return criterion.hard and value is not None and value < criterion.pass_at
