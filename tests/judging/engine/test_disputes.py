"""Where answers differ, what several people say together, and letters that tell nothing."""

from hypothesis import given
from hypothesis import strategies as st

from judging.engine.disputes import Dispute, agree, disputes, in_order, pairs_agree, settled_value
from judging.services import starter_rubric

RUBRIC = starter_rubric()
CRITERIA = {criterion.id: criterion for criterion in RUBRIC.criteria}
TASK, MANNER = CRITERIA["task_success"], CRITERIA["communication"]
VALUES = st.one_of(st.none(), st.integers(0, 5))


def test_people_who_differ_on_a_hard_criterion_are_a_dispute() -> None:
    assert disputes(RUBRIC, [{"task_success": 5}, {"task_success": 3}], {"task_success": 5}) == [Dispute("task_success", "people")]
    assert disputes(RUBRIC, [{"task_success": 5}, {"task_success": 4}], {"task_success": 4.5}) == []


def test_a_person_who_differs_from_the_judge_is_one() -> None:
    assert disputes(RUBRIC, [{"task_success": 5}], {"task_success": 2.0}) == [Dispute("task_success", "judge")]
    assert disputes(RUBRIC, [{"task_success": None}], {"task_success": 2.0}) == [Dispute("task_success", "judge")]
    assert disputes(RUBRIC, [{"task_success": 0}], {}) == []
    assert disputes(RUBRIC, [], {"task_success": 2.0}) == []


def test_soft_criteria_are_none() -> None:
    assert not MANNER.hard
    assert disputes(RUBRIC, [{"communication": 5}, {"communication": 0}], {"communication": 0}) == []


def test_answers_agree_on_one_side_and_near_each_other() -> None:
    assert agree(TASK, 5, 4)
    assert not agree(TASK, 4, 3)
    assert not agree(MANNER, 5, 3)
    assert agree(TASK, None, None)
    assert not agree(TASK, None, 5)
    assert pairs_agree(TASK, [5, 5, 0]) == (1, 3)
    assert pairs_agree(TASK, [5]) == (0, 0)


def test_what_several_people_say_together() -> None:
    assert settled_value(TASK, [5, 0]) == (False, None)
    assert settled_value(TASK, [5, 4]) == (True, 4)
    assert settled_value(MANNER, [5, 3, 0]) == (True, 3)
    assert settled_value(MANNER, [None, None, 3]) == (True, None)


@given(st.lists(VALUES, min_size=1, max_size=9))
def test_the_settled_value_is_one_that_somebody_gave_whatever_the_order(values: list[int | None]) -> None:
    one_thing, value = settled_value(TASK, values)
    assert (one_thing, value) == settled_value(TASK, list(reversed(values)))
    assert not one_thing or value in values or value is None


@given(st.sets(st.integers(1, 10**6).map(str), min_size=2, max_size=9), st.integers(1, 10**6))
def test_letters_stay_whatever_order_answers_come_in(sources: set[str], item: int) -> None:
    assert in_order(sorted(sources), str(item)) == in_order(sorted(sources, reverse=True), str(item))


def test_the_judge_may_be_any_letter() -> None:
    places = [in_order(["7", "8", "judge"], f"{item}|task_success").index("judge") for item in range(300)]
    assert all(60 < places.count(place) < 140 for place in range(3))
