"""Drafts of rubrics on episodes that were judged before."""

import msgspec

from judging.engine.rubric import Criterion
from judging.engine.rubric_trial import Sampled, Seen, flips, outcome, sample
from judging.services import starter_rubric

ALL = {check: 1.0 for criterion in starter_rubric().criteria for check in criterion.checks}
WHOLE = Seen(True, True, ALL, frozenset(), {})
BROKEN = WHOLE._replace(checks={**ALL, "policy_kept": 0.0}, broken=frozenset({"policy_kept"}))


def test_the_published_rubric_says_what_it_said() -> None:
    rubric = starter_rubric()
    assert outcome(rubric, WHOLE, rubric).overall == 5 and outcome(rubric, WHOLE, rubric).passed is True
    failed = outcome(rubric, BROKEN, rubric)
    assert (failed.values["policy"], failed.overall, failed.passed) == (0, 0, False)


def test_a_draft_flips_what_it_forgives() -> None:
    rubric = starter_rubric()
    softer = msgspec.structs.replace(rubric, criteria=[msgspec.structs.replace(c, hard=False) for c in rubric.criteria])
    old, new = outcome(rubric, BROKEN, rubric), outcome(softer, BROKEN, rubric)
    assert new.passed is True and new.overall is not None and 4 < new.overall < 5
    assert flips([(old, new), (old, old)]) == {(False, True): 1, (False, False): 1}


def test_answers_of_judges_stand_while_the_question_does() -> None:
    asked = Criterion("tone", "Is it friendly?", 1, {0: "No.", 5: "Yes."}, hard=True, answered_by="judge")
    rubric = msgspec.structs.replace(starter_rubric(), criteria=[*starter_rubric().criteria, asked])
    seen = WHOLE._replace(said={"tone": 2.0})
    assert outcome(rubric, seen, rubric).passed is False
    milder = msgspec.structs.replace(rubric, criteria=[*rubric.criteria[:-1], msgspec.structs.replace(asked, pass_at=2.0)])
    assert outcome(milder, seen, rubric).passed is True
    other = msgspec.structs.replace(rubric, criteria=[*rubric.criteria[:-1], msgspec.structs.replace(asked, question="Is it warm?")])
    found = outcome(other, seen, rubric)
    assert (found.passed, found.open) == (None, ["tone"]) and "tone" not in found.values
    assert outcome(other, BROKEN, rubric).passed is False


def test_a_sample_has_something_of_everything_and_reviewed_ones_first() -> None:
    many = [Sampled(n, n == 7, ("pass", "a")) for n in range(50)] + [Sampled(90, False, ("fail", "a")), Sampled(91, True, ("fail", "b"))]
    chosen = sample(many, 12)
    assert len(chosen) == 12 and set(chosen[:3]) == {7, 90, 91} and chosen[2] == 90
    assert sample(many[:2], 12) == [0, 1] and sample([], 12) == []
