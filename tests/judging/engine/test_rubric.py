"""Rubrics, scores and their aggregation: what discriminates."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import judging
from judging.engine.aggregation import overall
from judging.engine.case import Case
from judging.engine.judges.programmatic import Judged, judge, judge_version
from judging.engine.rubric import CriterionScore, Rubric, RubricError
from judging.engine.rubric_text import read_rubric
from tests.judging.builders import (
    BYE,
    DELTA,
    MOVED,
    OPENING,
    PACK,
    PROPOSAL,
    REPORT,
    Talk,
    begin,
    case,
    finish,
    found,
    good,
    good_ko,
    moved,
    scenario,
)

STARTER = Path(judging.__path__[0]) / "catalog" / "rubrics" / "starter.yaml"


def starter_rubric() -> Rubric:
    return read_rubric(STARTER.read_text(encoding="utf-8"))


def judged(talk: Talk, **named: Any) -> Judged:
    return judge(case(talk, **named), starter_rubric())


def score(talk: Talk, criterion: str, **named: Any) -> float:
    value = next(s.value for s in judged(talk, **named).scores if s.criterion == criterion)
    assert value is not None
    return value


@pytest.mark.parametrize("write", [good, good_ko])
def test_a_clean_episode_scores_full(write: Callable[[], Talk]) -> None:
    result = judged(write())
    assert result.overall == 5.0
    assert result.passed
    assert result.hard == []
    assert result.process_credit == 1.0
    assert [s.criterion for s in result.scores] == ["task_success", "tool_use", "policy", "grounding", "communication", "efficiency"]
    assert all(s.reason for s in result.scores)


@pytest.mark.parametrize(
    ("talk", "matches", "hard"),
    [
        (lambda: finish(begin()), False, "task_success"),
        (lambda: finish(begin().call("move_visit", result=MOVED, delta=DELTA, visit_id="A-00013", slot_id="S-00031")), False, "tool_use"),
        (lambda: finish(moved(found(Talk().user(OPENING)))), True, "policy"),
        (lambda: moved(begin()).agent(REPORT + " Your reference is MX-48213.").user(BYE, done=True).end(), True, "grounding"),
        (lambda: finish(moved(found(begin()))), True, "tool_use"),
    ],
)
def test_each_kind_of_failure_fails_a_hard_criterion_and_stays_below_any_threshold(
    talk: Callable[[], Talk], matches: bool, hard: str
) -> None:
    result = judged(talk(), matches=matches)
    assert hard in result.hard
    assert not result.passed
    assert result.overall is not None
    assert result.overall < 3


def test_a_retry_storm_lowers_efficiency() -> None:
    fault = {"kind": "timeout", "took_place": False}
    storm = Talk().user(OPENING)
    for _ in range(5):
        storm = storm.call("find_owner", error="timeout", fault=fault, phone="555-0123")
    stormy = finish(moved(found(storm).agent(PROPOSAL).user("Yes, please.")))
    assert score(stormy, "efficiency") <= 1
    assert judged(stormy).passed


def test_a_spare_call_lowers_efficiency_a_little() -> None:
    extra = [{"slot_id": "S-00099", "starts_at": "2026-03-12T08:00"}]
    talk = (
        found(Talk().user(OPENING))
        .call("find_slots", result=extra, date="2026-03-12")
        .agent("There is also S-00099. " + PROPOSAL)
        .user("Yes.")
    )
    assert 3.5 < score(finish(moved(talk)), "efficiency") < 5


def test_asking_twice_lowers_communication_alone() -> None:
    talk = Talk().user(OPENING).agent("Could I have the phone number on file?").user("555-0123, as I said.")
    talk = finish(moved(found(talk).agent(PROPOSAL).user("Yes, please.")))
    assert score(talk, "communication") == 2.5
    assert score(talk, "task_success") == 5
    assert judged(talk).passed
    assert judged(talk).overall == pytest.approx(4.792, abs=0.001)


def test_asking_one_thing_after_the_other_lowers_communication_a_little() -> None:
    bare = Talk().user("Hi, I need to move a visit.")
    together = bare.agent("Could I have the phone number on file, the name of your pet and the time you would like?")
    together = together.user("555-0123, Mochi, March 9 at 10:30.")
    singly = Talk().user("Hi, I need to move a visit.").agent("Could I have the phone number on file?").user("555-0123.")
    singly = (
        singly.agent("And what is the name of your pet?")
        .user("Mochi.")
        .agent("When would you like to come, what time?")
        .user("March 9 at 10:30.")
    )
    scores = [score(finish(moved(found(talk).agent(PROPOSAL).user("Yes, please."))), "communication") for talk in (together, singly)]
    assert scores[0] == 5.0
    assert 4.0 < scores[1] < 4.5


def test_criteria_that_do_not_apply_have_no_score() -> None:
    talk = Talk().user("Hello?").agent("Hello, what can I do for you?").user("Nothing, bye.", done=True).end()
    scores = {s.criterion: s.value for s in judged(talk).scores}
    assert scores["tool_use"] is None
    assert scores["efficiency"] is None


def test_a_judges_own_failure_is_no_score() -> None:
    class Torn(Case):
        @property
        def language(self) -> str:
            raise RuntimeError("torn")

    whole = case(good())
    result = judge(Torn(scenario(), {"clinic": PACK}, whole.trajectory, whole.verification), starter_rubric())
    assert result.overall is None
    assert result.error == "RuntimeError: torn"
    assert result.failure is not None
    assert (result.failure.party, result.failure.tag) == ("judge", "judge_error")
    assert not result.passed


def test_overall_is_a_weighted_mean_that_hard_failures_limit() -> None:
    rubric = starter_rubric()
    full = [CriterionScore(c.id, 5.0, "") for c in rubric.criteria]
    assert overall(rubric, full) == 5.0
    half = [msgspec.structs.replace(s, value=0.0) if s.criterion == "communication" else s for s in full]
    assert overall(rubric, half) == round(55 / 12, 3)
    failed = [msgspec.structs.replace(s, value=1.0, failed_hard=True) if s.criterion == "policy" else s for s in full]
    assert overall(rubric, failed) == 1.0
    assert overall(rubric, [CriterionScore("policy", None, "")]) is None


def test_versions_name_what_they_are_made_of() -> None:
    rubric = starter_rubric()
    other = msgspec.structs.replace(rubric, name="Other")
    assert rubric.digest == read_rubric(STARTER.read_text(encoding="utf-8")).digest
    assert len({rubric.digest, other.digest}) == 2
    assert len({judge_version(rubric, "a"), judge_version(rubric, "b"), judge_version(other, "a")}) == 3


CRITERION = {"id": "c", "question": "?", "weight": 1, "scale": {0: "no", 5: "yes"}, "caps": {"final_state": 0}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight": 0}, "criteria.c.weight"),
        ({"scale": {0: "no"}}, "criteria.c.scale"),
        ({"scale": {0: "no", 5: "yes", 7: "more"}}, "criteria.c.scale"),
        ({"caps": {"final_state": 9}}, "criteria.c.caps"),
        ({"caps": {"no_such": 0}}, "there is no check 'no_such'"),
        ({"caps": {}}, "caps or grades must name one"),
        ({"colour": "red"}, "colour"),
        ({"weight": "heavy"}, "weight"),
    ],
)
def test_a_rubric_that_cannot_be_used_names_the_place(change: dict[str, Any], words: str) -> None:
    body = {"slug": "r", "name": "R", "description": "", "criteria": [CRITERION | change]}
    with pytest.raises(RubricError, match=words):
        read_rubric(msgspec.json.encode(body).decode())


@pytest.mark.parametrize("text", ["a: [", "just words", "slug: r\nname: R\ndescription: ''\ncriteria: []"])
def test_what_is_no_rubric_is_refused(text: str) -> None:
    with pytest.raises(RubricError):
        read_rubric(text)


def test_rubrics_travel_as_json() -> None:
    rubric = starter_rubric()
    assert msgspec.json.decode(msgspec.json.encode(rubric), type=Rubric) == rubric


def test_criteria_ask_only_where_they_apply() -> None:
    base = {"id": "c", "question": "?", "weight": 1, "scale": {0: "no", 5: "yes"}, "caps": {"well_formed": 0}}
    kinds = ["always", "answerable", "unanswerable", "calls"]
    criteria = [base | {"id": kind, "applies_when": kind} for kind in kinds] + [base | {"id": "judged", "answered_by": "judge", "caps": {}}]
    rubric = read_rubric(msgspec.json.encode({"slug": "r", "name": "R", "description": "", "criteria": criteria}).decode())

    def answered(variation: str, talk: Talk) -> set[str]:
        return {s.criterion for s in judge(case(talk, scenario(variation)), rubric).scores if s.value is not None}

    assert answered("plain", good()) == {"always", "answerable", "calls"}
    assert answered("forbidden", Talk().user("Hi").agent("No.").end()) == {"always", "unanswerable"}
