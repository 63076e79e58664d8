"""Matching gold steps with calls."""

import msgspec

from judging.engine.gold import UNKNOWN, match_gold, same_arguments, told_value
from synthesis.engine.episode.trajectory import read_trajectory
from synthesis.engine.scenarios.scenario import Change, Step
from tests.judging.builders import DELTA, MOVED, OWNER, PACK, SLOTS, STEPS, VISITS, WISH, Talk, found, good, scenario


def calls(talk: Talk):  # type: ignore[no-untyped-def]
    return read_trajectory(talk.events).calls


def test_every_step_is_reached_and_later_steps_use_real_results() -> None:
    other = OWNER | {"owner_id": "O-0099"}
    talk = Talk().user("hi").call("find_owner", result=other, phone="555-0123").call("list_visits", result=VISITS, owner_id="O-0099")
    gold = match_gold(scenario(), PACK.tools, calls(talk))
    assert [m.call is not None for m in gold.steps] == [True, True, False, False]
    assert gold.steps[1].args == {"owner_id": "O-0099"}
    assert gold.credit == 0.5
    assert [m.step.tool for m in gold.missing] == ["find_slots", "move_visit"]


def test_order_does_not_matter_for_matching() -> None:
    talk = Talk().user("hi").call("find_slots", result=SLOTS, date="2026-03-09")
    gold = match_gold(scenario(), PACK.tools, calls(found(talk)))
    assert gold.credit == 0.75


def test_a_call_serves_one_step_unless_gold_reuses_it() -> None:
    reusing = [msgspec.structs.replace(step, known=step.effect == "read") for step in STEPS]
    again = match_gold(scenario(wishes=[WISH, WISH]), PACK.tools, calls(good()))
    reused = match_gold(scenario(wishes=[WISH, msgspec.structs.replace(WISH, steps=reusing)]), PACK.tools, calls(good()))
    assert again.credit == 4 / 8
    assert reused.credit == 7 / 8
    assert [m.step.tool for m in reused.missing] == ["move_visit"]


def test_a_call_that_failed_reaches_nothing_unless_it_took_place() -> None:
    def credit(took_place: bool) -> float:
        talk = found(Talk().user("hi"))
        fault = {"kind": "timeout", "took_place": took_place}
        talk.call("move_visit", error="timeout", fault=fault, delta=DELTA if took_place else [], visit_id="A-00012", slot_id="S-00031")
        return match_gold(scenario(), PACK.tools, calls(talk)).credit

    assert credit(True) == 1.0
    assert credit(False) == 0.75


def test_a_known_step_need_not_be_made_again() -> None:
    steps = [*STEPS, msgspec.structs.replace(STEPS[0], args={"phone": "555-9999"}, known=True)]
    gold = match_gold(scenario(wishes=[msgspec.structs.replace(WISH, steps=steps)]), PACK.tools, calls(good()))
    assert gold.credit == 1.0


def test_repeated_steps_bind_a_list() -> None:
    each = [
        Step("add_note", {"visit_id": v["visit_id"], "text": "x"}, "write", name="notes", each=True, result={"n": i})
        for i, v in enumerate(VISITS)
    ]
    talk = Talk().user("hi")
    for i, visit in enumerate(VISITS):
        talk.call("add_note", result={"n": i + 10}, delta=DELTA, visit_id=visit["visit_id"], text="x")
    gold = match_gold(scenario(wishes=[msgspec.structs.replace(WISH, steps=each)]), PACK.tools, calls(talk))
    assert gold.scopes[0]["notes"] == [{"n": 10}, {"n": 11}]


def test_a_changed_mind_before_the_write_makes_the_first_reads_optional() -> None:
    changed = [msgspec.structs.replace(STEPS[3], args={"visit_id": "A-00012", "slot_id": "S-00032"}, after=[])]
    change = Change("before", {"new_time": "2026-03-09T15:00"}, {"slot": SLOTS[1]}, changed, WISH.tells)
    talk = Talk().user("hi").call("move_visit", result=MOVED, delta=DELTA, visit_id="A-00012", slot_id="S-00032")
    gold = match_gold(scenario(wishes=[msgspec.structs.replace(WISH, change=change)]), PACK.tools, calls(talk))
    assert gold.credit == 1.0
    assert gold.scopes[0]["slot"] == SLOTS[1]


def test_lenient_matching_forgives_free_words_but_not_records() -> None:
    step = Step("add_note", {"visit_id": "A-00012", "text": "likes cheese"}, "write")
    wish = msgspec.structs.replace(WISH, steps=[step])
    worded = calls(Talk().user("hi").call("add_note", result={}, delta=DELTA, visit_id="A-00012", text="fond of cheese"))
    other = calls(Talk().user("hi").call("add_note", result={}, delta=DELTA, visit_id="A-00013", text="likes cheese"))
    assert match_gold(scenario(wishes=[wish]), PACK.tools, worded).missing
    assert not match_gold(scenario(wishes=[wish]), PACK.tools, worded, lenient=True).missing
    assert match_gold(scenario(wishes=[wish]), PACK.tools, other, lenient=True).missing


def test_arguments_compare_by_meaning() -> None:
    assert same_arguments({"a": "Ann  Lee", "b": 1, "c": None}, {"a": "ann lee", "b": 1.0})
    assert same_arguments({"a": UNKNOWN}, {"a": "anything"})
    assert not same_arguments({"a": 1}, {"a": True})
    assert not same_arguments({"a": 1}, {"a": 1, "b": 2})
    assert not same_arguments({"a": 1, "b": 2}, {"a": 1})


def test_told_values_come_from_this_episode() -> None:
    assert told_value("{moved.fee}", 1, {"moved": {"fee": 4550}}) == 4550
    assert told_value("{moved.fee}", 1, {}) == 1
