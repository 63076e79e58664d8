"""Taking a simulator's answer: it is held to the tool's schema, the tables and all that was said before, and then changes the state."""

from collections.abc import Sequence
from typing import Any

import msgspec

from synthesis.engine.episode.ports import CallRecord
from synthesis.engine.packs.model import Tool
from synthesis.engine.simulation.answers import BadAnswer, Edits, Insert, SimulatorAnswer, read_simulator
from synthesis.engine.simulation.contradictions import contradiction
from synthesis.engine.simulation.looking import free_keys
from synthesis.engine.tools import ToolCall, ToolError
from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.machine import Machine
from synthesis.engine.world.programs import Crash
from synthesis.engine.world.query import BadQuery
from synthesis.engine.world.state import BrokenConstraint, State
from synthesis.engine.world.values import BadValue, check_value, validator_of

LARGEST_RESULT = 64 * 1024
"""Characters of JSON in one result."""


class Taken(msgspec.Struct, frozen=True):
    """An answer that fits: what the caller gets, and what it changed."""

    result: Any = None
    error: ToolError | None = None
    delta: list[RowChange] = []
    notes: list[str] = []


def take(machine: Machine, state: State, tool: Tool, call: ToolCall, answer: Any, past: Sequence[CallRecord]) -> Taken:
    """Change ``state`` as ``answer`` says and give what the caller gets. Raises BadAnswer with the state as it was.

    ``call.name`` is the name by which ``past`` knows the tool.
    """
    read = read_simulator(answer)
    state.begin()
    try:
        _edit(state, tool, read.delta)
        _check(machine, state, tool, call, read, past)
    except BadAnswer:
        state.rollback()
        raise
    if read.error:
        return Taken(error=ToolError(read.error.code, read.error.message[:1000]), notes=read.notes)
    return Taken(read.result, None, state.call_delta(), read.notes)


def _edit(state: State, tool: Tool, edits: Edits) -> None:
    """Make the changes. Raises BadAnswer."""
    allowed = frozenset(tool.writable)
    named = [new.table for new in edits.insert] + [changed.table for changed in edits.update] + [gone.table for gone in edits.delete]
    for table in named:
        if table not in allowed:
            tables = ", ".join(tool.writable) or "none"
            raise BadAnswer(f"{tool.name} may not change {table}; the tables it may change are: {tables}.")
    try:
        _insert(state, edits.insert)
        for changed in edits.update:
            state.update(changed.table, changed.key, changed.set)
        for gone in edits.delete:
            state.delete(gone.table, gone.key)
    except (BrokenConstraint, BadQuery) as broken:
        raise BadAnswer(f"delta: {broken}.") from None


def _insert(state: State, rows: Sequence[Insert]) -> None:
    """Insert rows, those that others refer to first. Raises BadAnswer, BrokenConstraint."""
    offered = {table: free_keys(state, state.tables.spec(table), table) for table in {new.table for new in rows}}
    waiting = list(rows)
    while waiting:
        late, reason = list[Insert](), BrokenConstraint("")
        for new in waiting:
            keys = offered[new.table]
            if keys and new.row.get(state.tables.spec(new.table).key) not in keys:
                raise BadAnswer(f"delta: a new row of {new.table} takes a free key: {', '.join(keys)}.")
            try:
                state.insert(new.table, new.row)
            except BrokenConstraint as broken:
                late.append(new)
                reason = broken
        if len(late) == len(waiting):
            raise reason
        waiting = late


def _check(machine: Machine, state: State, tool: Tool, call: ToolCall, read: SimulatorAnswer, past: Sequence[CallRecord]) -> None:
    """Raise BadAnswer when the answer does not fit."""
    if read.error:
        codes = [error.code for error in tool.errors]
        if read.error.code not in codes:
            raise BadAnswer(f"{read.error.code} is no error of {tool.name}; its errors are: {', '.join(codes) or 'none'}.")
    else:
        _check_result(tool, read.result)
    try:
        broken = machine.violated(state) if len(read.delta) else None
    except Crash as crash:
        broken = crash.message
    if broken:
        raise BadAnswer(f"delta: breaks a rule of the world: {broken}.")
    code = read.error.code if read.error else None
    if problem := contradiction(machine.pack, state, tool, call, read.result if code is None else None, code, past):
        raise BadAnswer(problem)


def _check_result(tool: Tool, result: Any) -> None:
    try:
        check_value(result)
    except BadValue as bad:
        raise BadAnswer(f"result: {bad}.") from None
    if len(msgspec.json.encode(result)) > LARGEST_RESULT:
        raise BadAnswer("result: is too large; return fewer entries.")
    validator = validator_of(tool.returns)
    if not validator.is_valid(result):
        error = next(iter(validator.iter_errors(result)))
        where = ".".join(["result", *map(str, error.instance_path)])
        raise BadAnswer(f"{where}: {str(error.message)[:300]}.")
