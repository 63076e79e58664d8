"""The checks of calls on hand-made transcripts: tools, arguments, records and ids, and calls made for nothing."""

from typing import Any

import msgspec

from judging.engine.checks.registry import run_checks
from synthesis.engine.scenarios.scenario import Change, Fact, WrongValue
from synthesis.engine.tools import ToolError, ToolOutcome
from tests.judging.builders import (
    DELTA,
    MOVED,
    OPENING,
    OWNER,
    PACK,
    PROPOSAL,
    SLOTS,
    STEPS,
    VISITS,
    WISH,
    Talk,
    begin,
    case,
    failing,
    finish,
    found,
    moved,
    results,
    scenario,
    tool,
)


def test_a_wrong_argument_and_a_wrong_record() -> None:
    talk = found(Talk().user(OPENING)).call("find_slots", result=[], date="2026-03-19")
    wrong = Talk().user(OPENING).call("find_owner", result=OWNER, phone="555-0123").call("list_visits", result=VISITS, owner_id="O-0007")
    wrong = wrong.call("find_slots", result=SLOTS, date="2026-03-19").agent(PROPOSAL).user("Yes.")
    assert "arguments_right" in failing(finish(moved(wrong)))
    assert "arguments_right" not in failing(talk), "reading more than needed is no wrong argument"
    other = begin().call("move_visit", result=MOVED, delta=DELTA, visit_id="A-00013", slot_id="S-00031")
    assert "records_right" in failing(finish(other), matches=False)
    assert "arguments_right" not in failing(finish(other), matches=False)


def test_free_words_are_no_wrong_argument_when_the_state_is_right() -> None:
    step = msgspec.structs.replace(STEPS[3], tool="add_note", args={"visit_id": "A-00012", "text": "likes cheese"}, name="moved")
    of = scenario(wishes=[msgspec.structs.replace(WISH, steps=[*STEPS[:3], step])])
    talk = finish(begin().call("add_note", result=MOVED, delta=DELTA, visit_id="A-00012", text="fond of cheese"))
    assert failing(talk, of) == set()
    assert "arguments_right" in failing(talk, of, matches=False)


def test_the_users_own_wrong_value_is_not_the_agents() -> None:
    wish = msgspec.structs.replace(WISH, wrong=WrongValue("phone", "555-0199", False, 0, {"phone": "555-0199"}, "not_found"))
    talk = (
        Talk()
        .user("Move Mochi's visit to March 9 at 10:30, please. My number is 555-0199.")
        .call("find_owner", error="not_found", phone="555-0199")
    )
    talk = talk.agent("I couldn't find an owner with that number. Could I have the phone number on file again?").user(
        "Sorry, it's 555-0123."
    )
    talk = finish(moved(found(talk).agent(PROPOSAL).user("Yes, please.")))
    assert failing(talk, scenario("wrong_value", [wish])) == set()


def test_an_invented_id() -> None:
    talk = Talk().user(OPENING).call("list_visits", result=VISITS, owner_id="O-0007")
    result = results(finish(talk), matches=False)["ids_seen"]
    assert result.failed
    assert "O-0007" in result.reason
    told = Talk().user(OPENING + " I'm owner o-0007.").call("list_visits", result=VISITS, owner_id="O-0007")
    assert "ids_seen" not in failing(finish(told), matches=False)


def test_forbidden_calls() -> None:
    unknown = finish(begin().call("teleport", error="unknown_tool"))
    assert results(unknown, matches=False)["forbidden_calls"].tag == "unknown_tool"
    withheld = scenario(tools=["find_owner", "list_visits", "find_slots"])
    assert results(finish(moved(begin())), withheld)["forbidden_calls"].failed


def test_arguments_that_do_not_fit() -> None:
    talk = finish(moved(begin()))
    assert failing(talk, schema={"c0": "'phone' is required"}) == {"arguments_fit"}


def test_repeats_need_a_reason() -> None:
    again = found(found(Talk().user(OPENING)))
    assert "no_repeats" in failing(again)
    failed = Talk().user(OPENING).call("find_owner", error="timeout", fault={"kind": "timeout", "took_place": False}, phone="555-0123")
    assert "no_repeats" not in failing(found(failed))
    after_write = moved(found(Talk().user(OPENING))).call("list_visits", result=VISITS, owner_id="O-0007")
    assert "no_repeats" not in failing(after_write)


def test_a_call_from_which_nothing_came() -> None:
    extra = [{"slot_id": "S-00099", "starts_at": "2026-03-12T08:00"}]
    needless = finish(moved(begin().call("find_slots", result=extra, date="2026-03-12")))
    assert failing(needless) == {"needless_calls"}
    used = found(Talk().user(OPENING)).call("find_slots", result=extra, date="2026-03-12")
    used = used.agent("There is also S-00099. " + PROPOSAL).user("Yes, please.")
    assert "needless_calls" not in failing(finish(moved(used)))


def test_ids_are_looked_for_at_every_depth() -> None:
    nested = tool(
        "move_many",
        "write",
        {"visit_ids": {"type": "array", "ref": "visits", "items": {"type": "string"}}, "to": {"properties": {"slot": {"ref": "slots"}}}},
    )
    pack = msgspec.structs.replace(PACK, tools=PACK.tools | {"move_many": nested})

    def unseen(visits: list[str], slot: str) -> bool:
        talk = found(Talk().user(OPENING)).call("move_many", result={}, visit_ids=visits, to={"slot": slot})
        judged = case(talk, scenario(tools=[*pack.tools]))
        judged.packs = {"clinic": pack}
        return bool(next(r for r in run_checks(judged) if r.id == "ids_seen").failed)

    assert not unseen(["A-00012", "A-00013"], "S-00031")
    assert unseen(["A-00012", "A-00099"], "S-00031")
    assert unseen(["A-00012"], "S-00099")


def test_ids_may_come_from_an_error_the_prompt_or_a_facts_words() -> None:
    def unseen(talk: Talk, of: Any = None) -> bool:
        return "ids_seen" in failing(talk.call("list_visits", result=VISITS, owner_id="O-0042"), of, matches=False)

    assert unseen(Talk().user(OPENING))
    told = Talk().user(OPENING).calls(("find_owner", {"phone": "1"}, ToolOutcome(error=ToolError("twice", "Either O-0041 or O-0042."))))
    assert not unseen(told)
    fact = Fact("who", "O-0042", "text", said={"en": "the household account"})
    spoken = Talk().user("Hi, it's about the household account.")
    assert unseen(spoken)
    assert not unseen(spoken, scenario(wishes=[msgspec.structs.replace(WISH, facts=[*WISH.facts, fact])]))


def test_what_a_changed_mind_looked_up_first_is_excused() -> None:
    later = [msgspec.structs.replace(STEPS[2], args={"date": "2026-03-10"}), msgspec.structs.replace(STEPS[3], after=[0])]
    change = Change("before", {"new_time": "2026-03-10T10:30"}, {}, later, WISH.tells)
    of = scenario("changed_mind", [msgspec.structs.replace(WISH, change=change)])
    talk = Talk().user(OPENING).call("find_slots", result=[], date="2026-03-09").call("find_slots", result=[], date="2026-03-17")
    assert "needless_calls" not in failing(talk, of, matches=False)
    assert "arguments_right" not in failing(talk, of, matches=False)
    assert "arguments_right" in failing(talk, matches=True) or "needless_calls" in failing(talk, matches=True)
