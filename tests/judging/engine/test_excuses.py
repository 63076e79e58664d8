"""Gold reads that an agent which finds its own way may leave out, and those that it may not."""

from typing import Any

import pytest

from judging.engine.case import Case
from judging.engine.checks.outcome import facts_told, required_calls
from tests.judging.builders import MOVED, OWNER, SLOTS, VISITS, Talk, case

MODEL = {"user": "scripted", "agent": "model:x", "tools": "scripted"}
SCRIPTED = {"user": "scripted", "agent": "scripted", "tools": "scripted"}


def seated(talk: Talk, seats: dict[str, str]) -> Case:
    """The case of a talk whose seats are these."""
    opening = talk.events[0].payload
    opening["cast"] = {**opening.get("cast", {}), "seats": seats}
    return case(talk)


def moved(*left_out: str, seen: Any = None) -> Talk:
    """The whole task but for the calls left out; ``seen`` is what another result, before all writes, says."""
    talk = Talk().user("Hi, I need to move Mochi's visit to March 9 at 10:30. My number is 555-0123.")
    if seen is not None:
        talk = talk.call("find_slots", result=seen, date="2026-03-08")
    if "find_owner" not in left_out:
        talk = talk.call("find_owner", result=OWNER, phone="555-0123")
    if "list_visits" not in left_out:
        talk = talk.call("list_visits", result=VISITS, owner_id="O-0007")
    if "find_slots" not in left_out:
        talk = talk.call("find_slots", result=SLOTS, date="2026-03-09")
    talk = talk.agent("Shall I move Mochi's visit to Monday, March 9 at 10:30?").user("Yes, please.")
    talk = talk.call("move_visit", result=MOVED, visit_id="A-00012", slot_id="S-00031")
    return talk.agent("Done: Mochi is booked for Monday, March 9 at 10:30, the fee is 45.50.").user("Thanks!", done=True).end()


def missing(of: Case) -> list[str]:
    return [matched.step.tool for matched in of.gold.missing]


def test_a_scripted_agent_is_held_to_every_step() -> None:
    assert missing(seated(moved("find_slots", seen=SLOTS), SCRIPTED)) == ["find_slots"]
    verdict = required_calls(seated(moved("find_slots", seen=SLOTS), SCRIPTED))
    assert verdict is not None and not verdict.passed


def test_a_model_that_knows_from_another_result_may_leave_the_read_out() -> None:
    of = seated(moved("find_slots", seen=SLOTS), MODEL)
    assert missing(of) == [] and of.gold.credit == 1.0
    verdict = required_calls(of)
    assert verdict is not None and verdict.passed
    told = facts_told(of)
    assert told is None or told.passed


@pytest.mark.parametrize("left_out", ["find_owner", "list_visits"])
def test_what_nobody_told_it_is_still_missing(left_out: str) -> None:
    assert missing(seated(moved(left_out), MODEL)) == [left_out]


def test_a_person_finds_its_own_way_too() -> None:
    assert missing(seated(moved("find_slots", seen=SLOTS), {**SCRIPTED, "agent": "person"})) == []


def test_writes_are_never_excused() -> None:
    talk = Talk().user("Hi, I need to move Mochi's visit to March 9 at 10:30. My number is 555-0123.")
    talk = talk.call("find_owner", result=OWNER, phone="555-0123").call("list_visits", result=[VISITS, MOVED], owner_id="O-0007")
    talk = talk.call("find_slots", result=SLOTS, date="2026-03-09").agent("Done.").user("Thanks!", done=True).end()
    assert "move_visit" in missing(seated(talk, MODEL))
