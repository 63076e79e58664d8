"""The rubric panel: reading what somebody filled in, and drawing it again with nothing lost."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from judging.engine.attribution import PARTIES, SEVERITIES
from judging.engine.checks.registry import TAGS
from judging.engine.review import Answer, Flaw, Sheet
from judging.engine.rubric import Criterion, Rubric
from judging.models import Review
from judging.selectors.reviews import verdicts_of

NOT_APPLICABLE = "na"
VALUES = tuple(str(value) for value in range(6))
NUMBERS = re.compile(r"\d+", re.ASCII)
ONLY_NUMBERS = re.compile(r"[\d\s,;#]*", re.ASCII)
LARGEST = 2**31 - 1

Fields = Mapping[str, str]


@dataclass
class Question:
    """One criterion on the panel: what is asked, what was answered, what is missing."""

    slug: str
    question: str
    hard: bool
    anchors: list[tuple[int, str]]
    value: str
    reason: str
    evidence: str
    wrong: str = ""


class Panel(NamedTuple):
    """The panel as it is drawn."""

    questions: list[Question]
    decision: str
    confidence: str
    comment: str
    first_error: str
    party: str
    tag: str
    severity: str
    active: int
    wrong: dict[str, str]


def read_sheet(fields: Fields, rubric: Rubric) -> Sheet:
    """What the form holds. Nothing in it can be wrong but numbers of events, of which ``misread`` tells."""
    first = _numbers(fields.get("first_error", ""))
    confidence = fields.get("confidence", "")
    decision = fields.get("decision", "")
    return Sheet(
        answers=[_answer(fields, criterion) for criterion in rubric.criteria],
        decision=decision if decision in {"keep", "fix", "drop"} else "",
        confidence=int(confidence) if confidence in {"1", "2", "3"} else None,
        comment=_clean(fields.get("comment", "")),
        first_error=first[0] if first else None,
        active_seconds=next(iter(_numbers(fields.get("active", ""))), 0),
        party=_one_of(fields.get("party", ""), PARTIES),
        tag=_one_of(fields.get("tag", ""), TAGS),
        severity=_one_of(fields.get("severity", ""), SEVERITIES),
    )


def _one_of(text: str, known: Sequence[str]) -> str:
    return text if text in known else ""


def _answer(fields: Fields, criterion: Criterion) -> Answer:
    value = fields.get(f"v-{criterion.id}", "")
    return Answer(
        criterion=criterion.id,
        answered=value in {*VALUES, NOT_APPLICABLE},
        value=int(value) if value in VALUES else None,
        reason=_clean(fields.get(f"r-{criterion.id}", "")),
        evidence=_numbers(fields.get(f"e-{criterion.id}", "")),
    )


def _clean(text: str) -> str:
    """Without NUL, which PostgreSQL does not store."""
    return text.replace("\x00", "").strip()


def _numbers(text: str) -> list[int]:
    return [min(int(number[:10]), LARGEST) for number in NUMBERS.findall(text)]


def misread(fields: Fields, rubric: Rubric) -> list[str]:
    """Places whose event numbers are no numbers."""
    names = [(criterion.id, f"e-{criterion.id}") for criterion in rubric.criteria] + [("first_error", "first_error")]
    return [place for place, name in names if not ONLY_NUMBERS.fullmatch(fields.get(name, ""))]


def fields_of(review: Review) -> dict[str, str]:
    """A review as its form's fields."""
    fields = {
        "decision": review.decision,
        "confidence": str(review.confidence or ""),
        "comment": review.comment,
        "first_error": "" if review.first_error is None else str(review.first_error),
        "active": str(review.active_seconds),
        "party": review.party,
        "tag": review.tag,
        "severity": review.severity,
    }
    for slug, verdict in verdicts_of(review).items():
        answered = NOT_APPLICABLE if verdict.value is None else str(verdict.value)
        fields[f"v-{slug}"] = answered if verdict.answered else ""
        fields[f"r-{slug}"] = verdict.reason
        fields[f"e-{slug}"] = ", ".join(map(str, verdict.evidence))
    return fields


def panel_of(fields: Fields, rubric: Rubric, flaws: Sequence[Flaw] = (), unread: Sequence[str] = ()) -> Panel:
    """The panel with what was filled in and what is missing."""
    wrong = {flaw.place: words_of(flaw) for flaw in flaws} | dict.fromkeys(unread, _("Write event numbers, for instance 3, 7."))
    questions = [
        Question(
            slug=criterion.id,
            question=criterion.question,
            hard=criterion.hard,
            anchors=sorted(criterion.scale.items(), reverse=True),
            value=fields.get(f"v-{criterion.id}", ""),
            reason=fields.get(f"r-{criterion.id}", ""),
            evidence=fields.get(f"e-{criterion.id}", ""),
            wrong=wrong.get(criterion.id, ""),
        )
        for criterion in rubric.criteria
    ]
    return Panel(
        questions=questions,
        decision=fields.get("decision", ""),
        confidence=fields.get("confidence", ""),
        comment=fields.get("comment", ""),
        first_error=fields.get("first_error", ""),
        party=fields.get("party", ""),
        tag=fields.get("tag", ""),
        severity=fields.get("severity", ""),
        active=next(iter(_numbers(fields.get("active", ""))), 0),
        wrong=wrong,
    )


def words_of(flaw: Flaw) -> str:
    """A flaw as a sentence."""
    sentences = {
        "no_value": _("Choose a value, or that it does not apply."),
        "no_ground": _("A value this low rejects the episode: pin an event or give a reason."),
        "no_event": _("There is no event %(numbers)s in this episode.") % {"numbers": ", ".join(map(str, flaw.events))},
        "no_party": _("Say whose fault it is, or leave mistake and severity empty."),
        "no_decision": _("Accept, fix or reject: decide."),
    }
    return sentences[flaw.lack]
