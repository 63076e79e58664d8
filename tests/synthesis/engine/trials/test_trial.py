"""Trials: state is a fold over calls, and what a form can be filled with."""

import time
from typing import Any

import pytest

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.environments.local import MachineRoom
from synthesis.engine.episode.ports import StateMismatch
from synthesis.engine.trials.fillings import Filling, breakages, fill
from synthesis.engine.trials.tables import TableLook, table_keys, table_rows
from synthesis.engine.trials.trial import PastCall, TrialWorld, play
from tests.packs import tool_shed

PACK = tool_shed()
MACHINE = MachineRoom({PACK.digest: PACK}.__getitem__, StarlarkInterpreter()).machine(PACK.digest)


def world(*past: PastCall) -> TrialWorld:
    return TrialWorld(PACK.digest, 1, list(past))


def filled(tool: str, kind: str, name: str = "", *past: PastCall) -> dict[str, Any] | None:
    return fill(MACHINE, world(*past), tool, Filling(kind, name))


def test_the_same_calls_give_the_same_state() -> None:
    args = filled("extend_loan", "gold", "extend")
    assert args
    once = play(MACHINE, world(), "extend_loan", args, time.perf_counter)
    again = play(MACHINE, world(), "extend_loan", args, time.perf_counter)
    assert once.digest == again.digest and once.delta == again.delta and once.error is None
    after = play(MACHINE, world(PastCall("extend_loan", args)), "find_member", {"card": "000000"}, time.perf_counter)
    assert after.digest == once.digest and after.changed == 1, "a failed call changes nothing"


def test_failed_calls_are_not_made_again_but_policy_checks_know_of_them() -> None:
    looping = PastCall("no_such_tool", {}, "internal_error")
    assert play(MACHINE, world(looping), "find_member", {"card": "000000"}, time.perf_counter).error is not None
    with pytest.raises(StateMismatch):
        play(MACHINE, world(PastCall("find_member", {"card": "000000"})), "find_member", {}, time.perf_counter)


def test_schema_violations_name_their_place() -> None:
    outcome = play(MACHINE, world(), "extend_loan", {"loan_id": 7, "days": 99, "more": 1}, time.perf_counter)
    assert outcome.error is not None and outcome.error.code == "invalid_arguments"
    assert {fault.place for fault in outcome.faults} == {"loan_id", "days", ""}
    assert outcome.broken == [] and outcome.delta == []


def test_examples_of_errors_give_their_error_and_gold_gives_none() -> None:
    for tool in PACK.tools.values():
        for error in tool.errors:
            if error.example is not None:
                args = filled(tool.name, "error", error.code)
                assert args is not None
                outcome = play(MACHINE, world(), tool.name, args, time.perf_counter)
                assert outcome.error is not None and outcome.error.code == error.code
    args = filled("return_loan", "gold", "bring_back") or filled("find_member", "gold", "extend")
    assert args is not None
    assert filled("find_member", "gold", "no such intent") is None and filled("no such tool", "drawn") is None


def test_every_breakage_is_refused_by_the_tool() -> None:
    for tool in PACK.tools.values():
        for way in breakages(tool):
            args = filled(tool.name, way.kind, way.name)
            assert args is not None
            outcome = play(MACHINE, world(), tool.name, args, time.perf_counter)
            if way.kind == "key":
                assert outcome.faults == [] or tool.parameters["properties"][way.name].get("pattern"), (tool.name, way)
            else:
                assert outcome.error is not None and outcome.error.code == "invalid_arguments", (tool.name, way)
    assert filled("find_member", "missing", "made_up") is None


def test_tables_are_read_in_order_with_what_changed() -> None:
    args = filled("extend_loan", "gold", "extend")
    assert args
    past = PastCall("extend_loan", args)
    seen: list[str] = []
    after = ""
    while True:
        rows = table_rows(MACHINE, world(past), TableLook("loans", after=after, limit=7))
        seen += [row["loan_id"] for row in rows.rows]
        if not rows.more:
            break
        after = seen[-1]
    assert seen == sorted(set(seen)) and len(seen) == rows.counts["loans"]
    assert rows.changed_keys == [args["loan_id"]] and rows.changed["loans"] == 1
    assert len(table_rows(MACHINE, world(), TableLook("loans", key=args["loan_id"])).rows) == 1
    assert table_rows(MACHINE, world(), TableLook("nothing")).rows == []
    assert all(row["kind"] == "drill" for row in table_rows(MACHINE, world(), TableLook("items", words="DRILL", column="kind")).rows)
    keys = table_keys(MACHINE, world(), ["loans", "nothing"])
    assert list(keys) == ["loans"] and (args["loan_id"] in {key for key, _hint in keys["loans"]})
