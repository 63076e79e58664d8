"""Every check on hand-made transcripts: the good ones pass them all, and each way to fail breaks the check that names it."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from judging.engine.attribution import attribute
from judging.engine.checks.check import CheckResult
from judging.engine.checks.registry import CHECKS, run_checks
from judging.engine.slips import REASONS
from synthesis.engine.participants.cast import SLIPS
from synthesis.engine.scenarios.scenario import Change, Fact, Refusal, WrongValue
from synthesis.engine.tools import ToolError, ToolOutcome
from tests.judging.builders import (
    DELTA,
    MOVED,
    OWNER,
    PACK,
    SLOTS,
    STEPS,
    VISITS,
    WISH,
    Talk,
    case,
    found,
    good,
    good_ko,
    moved,
    scenario,
    tool,
)

PROPOSAL = "I'll move Mochi's visit from March 5 at 2 pm to March 9 at 10:30 am. Shall I go ahead?"
REPORT = "Done: Mochi is now booked for Monday, March 9 at 10:30 am. The fee is $45.50. Is there anything else?"
OPENING = "Hi, I need to move Mochi's visit to March 9 at 10:30. My number is 555-0123."
BYE = "No, that's all. Thanks, bye!"


def results(*arguments: Any, **named: Any) -> dict[str, CheckResult]:
    return {r.id: r for r in run_checks(case(*arguments, **named))}


def failing(*arguments: Any, **named: Any) -> set[str]:
    return {r.id for r in results(*arguments, **named).values() if r.failed}


def begin() -> Talk:
    return found(Talk().user(OPENING)).agent(PROPOSAL).user("Yes, please.")


def finish(talk: Talk) -> Talk:
    return talk.agent(REPORT).user(BYE, done=True).end()


@pytest.mark.parametrize("write", [good, good_ko])
def test_good_episodes_break_nothing(write: Callable[[], Talk]) -> None:
    assert {r.id: r.reason for r in run_checks(case(write())) if r.failed} == {}


def test_every_check_was_asked_of_the_good_episode() -> None:
    asked = {r.id for r in run_checks(case(good())) if r.passed is not None}
    teams = {"transfers_made", "right_colleague", "transfers_needed"}
    assert set(CHECKS) - asked == {"refused", "errors_heeded", "reveals_when_asked", "does_as_asked"} | teams


def test_log_checks() -> None:
    assert failing(Talk().user(OPENING).agent(PROPOSAL), matches=True) >= {"ended_properly"}
    holed = good()
    del holed.events[4]
    assert "well_formed" in failing(holed)
    ended = results(found(Talk().user(OPENING)).end("max_calls"))["ended_properly"]
    assert (ended.party, ended.tag) == ("agent", "endless_calls")
    assert results(good().end("error"))["ended_properly"].party == "infrastructure"


def test_a_replay_that_differs_is_nobodys_talk() -> None:
    judged = case(good())
    calls = [msgspec.structs.replace(call, same=call.id != "c1") for call in judged.verification.calls]
    judged.verification = msgspec.structs.replace(judged.verification, calls=calls)
    result = next(r for r in run_checks(judged) if r.id == "replays")
    assert result.failed
    assert result.evidence == [5]
    judged = case(good())
    judged.verification = msgspec.structs.replace(judged.verification, digest="f" * 64)
    assert next(r for r in run_checks(judged) if r.id == "replays").failed


def test_a_dropped_write_with_a_claim_of_success() -> None:
    talk = finish(begin())
    broken = failing(talk, matches=False)
    assert broken >= {"final_state", "required_calls", "facts_told"}
    failure = attribute(run_checks(case(talk, matches=False)))
    assert failure is not None
    assert failure.party == "agent"


def test_a_fact_told_before_its_result_does_not_count() -> None:
    talk = found(Talk().user(OPENING)).agent(PROPOSAL + " The fee will be $45.50.").user("Yes, please.")
    talk = moved(talk).agent("All done. Is there anything else?").user(BYE, done=True).end()
    assert {"facts_told", "grounded"} <= failing(talk)


def test_an_invented_result() -> None:
    talk = (
        moved(begin()).agent("Done: Mochi is booked for March 9 at 10:30 am. The fee is $54.50. Anything else?").user(BYE, done=True).end()
    )
    result = results(talk)["grounded"]
    assert result.failed
    assert result.reason == "said without any source: amount 54.50"
    assert "facts_told" in failing(talk)


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


def test_writes_need_a_yes_to_a_proposal() -> None:
    rushed = finish(moved(found(Talk().user(OPENING))))
    assert failing(rushed) == {"writes_confirmed"}
    refused = finish(moved(found(Talk().user(OPENING)).agent(PROPOSAL).user("No, not like that.")))
    assert "writes_confirmed" in failing(refused)
    unasked = finish(moved(found(Talk().user(OPENING)).agent("I have found the visit on March 5.").user("Yes, great.")))
    assert "writes_confirmed" in failing(unasked)


def test_a_retry_of_a_confirmed_write_needs_no_second_yes() -> None:
    fault = {"kind": "server_error", "took_place": False}
    talk = begin().call("move_visit", error="server_error", fault=fault, visit_id="A-00012", slot_id="S-00031")
    assert failing(finish(moved(talk))) == set()


def test_an_ignored_error() -> None:
    talk = begin().call("move_visit", error="slot_taken", visit_id="A-00012", slot_id="S-00031")
    result = results(finish(talk), matches=False)["errors_heeded"]
    assert result.failed
    assert "slot_taken" in result.reason
    told = begin().call("move_visit", error="slot_taken", visit_id="A-00012", slot_id="S-00031")
    told = told.agent("I'm sorry, that didn't work: the slot is no longer available.").user("Oh well. Bye!", done=True).end()
    assert "errors_heeded" not in failing(told, matches=False)


def test_a_policy_rule_broken() -> None:
    item = {"rule": 0, "check": "identify_first", "reason": "no owner was identified"}
    result = results(finish(moved(begin())), broken={"c1": item})["policy_kept"]
    assert result.failed
    assert result.reason == "rule 1 (identify_first): no owner was identified"
    assert result.evidence == [4]


def refusal_case(talk: Talk, **named: Any) -> set[str]:
    wish = msgspec.structs.replace(WISH, steps=STEPS[:2], tells=[], refusal=Refusal("policy", 2, "day_notice", 1, "move_visit"))
    return failing(talk, scenario("forbidden", [wish]), **named)


def refusing() -> Talk:
    return Talk().user(OPENING).call("find_owner", result=OWNER, phone="555-0123").call("list_visits", result=VISITS, owner_id="O-0007")


def test_a_refusal_is_made_in_words() -> None:
    no = "I'm sorry, but visits can't be moved within 24 hours of the start."
    assert (
        refusal_case(
            refusing()
            .agent(no)
            .user("Please, just this once?")
            .agent(no + " I can't make an exception.")
            .user("Fine. Bye.", done=True)
            .end()
        )
        == set()
    )
    assert refusal_case(refusing().agent("Let me see what I have.").user("Fine. Bye.", done=True).end()) == {"refused"}
    done = moved(refusing().agent(no).user("Come on!").agent(PROPOSAL).user("Yes.")).agent(REPORT).user(BYE, done=True).end()
    assert {"refused", "final_state", "forbidden_calls"} <= refusal_case(done, matches=False)


def test_the_user_keeps_its_script() -> None:
    gradual = scenario("gradual", [msgspec.structs.replace(WISH, withheld=["phone"])])
    result = results(good(), gradual)["reveals_when_asked"]
    assert result.failed
    assert (result.party, result.tag, result.evidence) == ("user", "revealed_early", [1])
    talk = (
        Talk()
        .user("Hi, I need to move Mochi's visit to March 9 at 10:30.")
        .agent("Sure. Could I have the phone number on file?")
        .user("555-0123.")
    )
    talk = finish(moved(found(talk).agent(PROPOSAL).user("Yes, please.")))
    assert failing(talk, gradual) == set()
    hidden = scenario("preference", [msgspec.structs.replace(WISH, hides=["new_time"])])
    assert results(good(), hidden)["reveals_when_asked"].tag == "script_left"


def test_a_day_that_is_part_of_a_moment_is_not_revealed_by_telling_the_moment() -> None:
    day = Fact("old_day", "2026-03-09", "date", {"en": "the day of the visit"}, {"en": ["day"]})
    wish = msgspec.structs.replace(WISH, facts=[*WISH.facts, day], withheld=["old_day"])
    assert "reveals_when_asked" not in failing(good(), scenario("gradual", [wish]))
    alone = found(Talk().user("Move Mochi's visit of March 9, 555-0123."))
    assert "reveals_when_asked" in failing(alone, scenario("gradual", [wish]), matches=False)


def test_the_user_invents_nothing_and_stays() -> None:
    talk = Talk().user("It's visit A-99999 of 555-0123, move it to March 9 at 10:30.")
    assert "invents_nothing" in failing(talk)
    left = found(Talk().user(OPENING)).agent(PROPOSAL).user("Never mind, bye.", done=True).end()
    assert "stays_to_the_end" in failing(left, matches=False)
    assert attribute(run_checks(case(left, matches=False))).party == "user"  # type: ignore[union-attr]


def test_manner() -> None:
    fault = {"kind": "timeout", "took_place": False}
    storm = Talk().user(OPENING)
    for _ in range(5):
        storm = storm.call("find_owner", error="timeout", fault=fault, phone="555-0123")
    assert "no_retry_storm" in failing(found(storm))
    again = found(Talk().user(OPENING).agent("Could I have the phone number on file?").user("555-0123, as I said."))
    assert "asks_once" in failing(again)
    assert "speaks_plainly" in failing(Talk().user(OPENING).agent("Your visit is at 2026-03-05T14:00."))
    assert "speaks_plainly" in failing(Talk().user(OPENING).agent("Hello {owner.name}, how are you?"))
    assert "keeps_language" in failing(Talk().user(OPENING).agent("안녕하세요, 무엇을 도와드릴까요?"))
    assert "keeps_language" in failing(Talk("ko").user("안녕하세요").agent("Hello, what can I do for you?"))
    assert "says_something" in failing(Talk().user(OPENING).agent(" "))
    twice = Talk().user(OPENING).agent("One moment.").user("Yes?").agent("One moment.")
    assert "says_something" in failing(twice)


def test_needless_calls_cost_efficiency() -> None:
    assert results(good())["call_count"].value == 1.0
    assert results(found(found(Talk().user(OPENING))))["call_count"].value < 0.65


def test_every_slip_has_checks_that_exist() -> None:
    assert set(REASONS) == set(SLIPS)
    assert {check for checks in REASONS.values() for check in checks} <= set(CHECKS)


@pytest.mark.parametrize(
    ("slip", "talk", "matches"),
    [
        (
            "wrong_argument",
            lambda: finish(begin().call("move_visit", result=MOVED, delta=DELTA, visit_id="A-00012", slot_id="S-00032")),
            False,
        ),
        (
            "wrong_record",
            lambda: finish(begin().call("move_visit", result=MOVED, delta=DELTA, visit_id="A-00013", slot_id="S-00031")),
            False,
        ),
        ("skipped_step", lambda: finish(begin()), False),
        ("unconfirmed_write", lambda: finish(moved(found(Talk().user(OPENING)))), True),
        ("premature_end", lambda: begin().agent("Goodbye!").user("Thanks.", done=True).end(), False),
        ("invented_result", lambda: moved(begin()).agent("Done, your reference is MX-48213.").user(BYE, done=True).end(), True),
        ("ignored_error", lambda: finish(begin().call("move_visit", error="slot_taken", visit_id="A-00012", slot_id="S-00031")), False),
        ("needless_call", lambda: finish(moved(found(begin()))), True),
    ],
)
def test_slips_are_caught_for_their_reason(slip: str, talk: Callable[[], Talk], matches: bool) -> None:
    assert failing(talk(), matches=matches) & REASONS[slip]


def test_a_value_said_under_the_next_topic_does_not_tell_the_first() -> None:
    second = msgspec.structs.replace(
        WISH, steps=[msgspec.structs.replace(STEPS[2], args={"date": "2026-03-12"}, name=None, after=[])], tells=[]
    )
    of = scenario("switched_topic", [WISH, second])
    told = moved(begin()).agent("Done: it is March 9 at 10:30 am, for $45.50. Anything else?").user("What is free on March 12?")
    untold = moved(begin()).agent("Done. Anything else?").user("What is free on March 12?")
    for talk, missing in ((told, False), (untold, True)):
        talk = (
            talk.call("find_slots", result=SLOTS, date="2026-03-12")
            .agent("March 9 at 10:30 am is free, and $45.50 is the fee.")
            .user(BYE, done=True)
        )
        assert ("facts_told" in failing(talk.end(), of)) == missing


def test_a_crashed_policy_check_is_the_tools_fault() -> None:
    judged = case(good())
    calls = [msgspec.structs.replace(call, crash="day_notice: no such key") for call in judged.verification.calls[:1]]
    judged.verification = msgspec.structs.replace(judged.verification, calls=[*calls, *judged.verification.calls[1:]])
    result = next(r for r in run_checks(judged) if r.id == "replays")
    assert (result.party, result.tag) == ("tool", "check_crashed")


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


def test_spoilt_results_must_be_heeded_and_a_lost_confirmation_need_not() -> None:
    spoilt = {"partial": True, "fields": {}}
    fault = {"kind": "partial_result", "took_place": False}
    talk = (
        Talk()
        .user(OPENING)
        .call("find_owner", result=spoilt, fault=fault, phone="555-0123")
        .call("list_visits", result=VISITS, owner_id="O-1")
    )
    result = results(talk.agent(REPORT), matches=False)["errors_heeded"]
    assert result.failed
    assert "a spoilt result" in result.reason
    lost = {"kind": "timeout", "took_place": True}
    kept = begin().call("move_visit", error="timeout", fault=lost, delta=DELTA, visit_id="A-00012", slot_id="S-00031")
    assert "errors_heeded" not in failing(kept.agent(REPORT).user(BYE, done=True).end())


def test_another_way_is_as_good_as_a_retry() -> None:
    talk = Talk().user(OPENING).call("add_note", error="no_such_visit", visit_id="A-1", text="x")
    assert "errors_heeded" not in failing(finish(moved(found(talk).agent(PROPOSAL).user("Yes, please."))))


def test_a_user_that_hears_nothing_leaves_early() -> None:
    assert "stays_to_the_end" in failing(Talk().user("Hello? Bye.", done=True).end(), matches=False)
