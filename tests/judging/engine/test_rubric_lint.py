"""What lint finds in drafts of rubrics."""

import re

import msgspec
import pytest

from judging.engine.rubric import Criterion
from judging.engine.rubric_lint import lint, read_draft
from judging.engine.rubric_text import write_rubric
from judging.services import starter_rubric

ENDS = {0: "It is not.", 5: "It is."}
PLAIN = Criterion("courtesy", "Did the agent speak with respect?", 1, {**ENDS, 3: "Curt."}, answered_by="judge")


def found(*criteria: Criterion) -> set[tuple[str, str]]:
    """Places of what lint says, without their criterion's name being repeated."""
    rubric = msgspec.structs.replace(starter_rubric(), criteria=list(criteria))
    return {(finding.place.split(".")[1], finding.place.split(".")[2]) for finding in lint(rubric)}


def of(**fields: object) -> Criterion:
    return msgspec.structs.replace(PLAIN, **fields)


def test_nothing_is_said_of_a_sound_criterion() -> None:
    assert found(PLAIN) == set()


@pytest.mark.parametrize(
    ("part", "criterion"),
    [
        ("question", of(question="Was it polite, and was it quick?")),
        ("question", of(question="Was it polite? Was it quick?")),
        ("question", of(question="Did the agent answer in the user's language?")),
        ("scale", of(scale=ENDS)),
        ("scale", of(scale={0: "Bad.", 3: "bad. ", 5: "Good."})),
        ("scale", of(scale={0: "Bad.", 3: " ", 5: "Good."})),
        ("scale", of(hard=True, pass_at=4.0)),
        ("pass_at", of(pass_at=4.0)),
        ("pass_at", of(hard=True, pass_at=0.0)),
        ("hard", of(hard=True, evidence=False)),
        ("evidence", of(evidence=False)),
        ("applies_when", of(answered_by="check", caps={"refused": 0}, applies_when="answerable")),
        ("applies_when", of(answered_by="check", caps={"facts_told": 0}, applies_when="unanswerable")),
        ("caps", of(answered_by="check", caps={"final_state": 5})),
    ],
)
def test_each_fault_is_found_at_its_place(part: str, criterion: Criterion) -> None:
    assert ("courtesy", part) in found(criterion)


def test_weights_and_overlaps_are_looked_at_together() -> None:
    twice = of(id="respect", question="Did the agent speak to users with respect?")
    assert ("respect", "question") in found(PLAIN, twice)
    other = of(id="speed", question="How long did it take?")
    assert ("speed", "question") not in found(PLAIN, other)
    assert ("speed", "weight") in found(PLAIN, msgspec.structs.replace(other, weight=9.0))
    assert ("speed", "weight") in found(PLAIN, msgspec.structs.replace(other, weight=0.01))


def test_findings_have_lines_and_errors_forbid_publishing() -> None:
    text = write_rubric(starter_rubric())
    rubric, findings = read_draft(text, "starter")
    assert rubric == starter_rubric() and all(finding.line for finding in findings)
    assert all(finding.severity == "warning" for finding in findings)
    rubric, findings = read_draft(text, "another")
    assert rubric is None and (findings[0].place, findings[0].severity) == ("slug", "error")
    heavy = re.sub(r"weight: \S+", "weight: heavy", text, count=1)
    rubric, findings = read_draft(heavy, "starter")
    assert rubric is None and findings[0].place == "criteria.0.weight" and findings[0].line
    assert "heavy" in heavy.splitlines()[findings[0].line - 1]
    for broken in ("", "[", "- a", "a: &x [*x]", "slug: starter"):
        assert read_draft(broken, "starter")[0] is None
