"""The checks of log, outcome, conduct and manner on hand-made transcripts: good ones pass them all, each way to fail breaks its own."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from judging.engine.attribution import attribute
from judging.engine.checks.registry import CHECKS, run_checks
from judging.engine.slips import REASONS
from synthesis.engine.participants.cast import SLIPS
from synthesis.engine.scenarios.scenario import Refusal
from tests.judging.builders import (
    BYE,
    DELTA,
    MOVED,
    OPENING,
    OWNER,
    PROPOSAL,
    REPORT,
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
    good,
    good_ko,
    moved,
    results,
    scenario,
)


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
