"""Fault plans: the n-th call of a tool is struck, and what it then looks like."""

import pytest

from synthesis.engine.faults.plan import FAULT_CODES, READ_FAULTS, WRITE_FAULTS, FaultPlan, executes, is_spoilt, spoil
from synthesis.engine.faults.planned import PlannedFault
from synthesis.engine.tools import ToolError, ToolOutcome


def test_the_planned_call_is_struck_and_no_other() -> None:
    fault = PlannedFault("a", 1, "timeout")
    plan = FaultPlan([fault])
    assert [plan.strike(tool) for tool in ("a", "b", "a", "a")] == [None, None, fault, None]


@pytest.mark.parametrize("kind", WRITE_FAULTS)
def test_a_write_fault_keeps_the_program_from_running_unless_it_took_place(kind: str) -> None:
    assert not executes(PlannedFault("a", 0, kind), "write")
    assert executes(PlannedFault("a", 0, kind, took_place=True), "write")


@pytest.mark.parametrize("kind", READ_FAULTS)
def test_every_read_fault_is_visible(kind: str) -> None:
    fault = PlannedFault("a", 0, kind)
    seen = spoil(fault, ToolOutcome(result=[{"id": "1"}, {"id": "2"}]))
    assert seen.fault == {"kind": kind, "took_place": False}
    assert (seen.error is not None and seen.error.code in FAULT_CODES) or is_spoilt(seen.result)


def test_a_partial_result_says_how_much_is_missing() -> None:
    seen = spoil(PlannedFault("a", 0, "partial_result"), ToolOutcome(result=[1, 2, 3, 4]))
    assert seen.result == {"partial": True, "returned": 2, "total": 4, "items": [1, 2]}


def test_a_call_that_failed_by_itself_keeps_its_error() -> None:
    error = ToolError("not_found", "No such thing.")
    assert spoil(PlannedFault("a", 0, "malformed_result"), ToolOutcome(error=error)).error == error


def test_a_lost_confirmation_says_that_the_change_was_made() -> None:
    seen = spoil(PlannedFault("a", 0, "timeout", took_place=True), ToolOutcome(result={"id": 1}))
    assert seen.result is None and seen.error is not None and "was made" in seen.error.message
