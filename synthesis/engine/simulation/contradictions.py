"""What in an answer contradicts the world as it stands, or what was returned earlier in the episode."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from synthesis.engine.episode.ports import CallRecord
from synthesis.engine.packs.model import Pack, Tool
from synthesis.engine.tools import ToolCall
from synthesis.engine.world.state import State

Identity = tuple[tuple[str, str], ...]
"""The id-like properties of an object with their values."""


def contradiction(
    pack: Pack, state: State, tool: Tool, call: ToolCall, result: Any, error: str | None, past: Sequence[CallRecord]
) -> str | None:
    """What is wrong, as a sentence for the model, or None. ``state`` is the one after the answer's changes; ``result`` None and ``error``
    a code where the call fails; ``call.name`` is the name under which the records of ``past`` know the tool."""
    return (
        _another_answer(tool, call, result, error, past)
        or next(_wrong_rows(pack, state, tool, result), None)
        or next(_unknown_keys(pack, state, tool.returns, result), None)
        or _another_object(tool, result, past)
    )


def _whole(record: CallRecord) -> bool:
    """Whether the record tells what the tool answered: not when a fault spoilt it or the simulator failed."""
    failed = record.outcome.simulation is not None and record.outcome.simulation.problem is not None
    return record.executed and record.outcome.fault is None and not failed


def _since_write(past: Sequence[CallRecord]) -> list[CallRecord]:
    """The records after the last one that changed a row."""
    last = max((i for i, record in enumerate(past) if record.outcome.delta), default=-1)
    return list(past[last + 1 :])


def _another_answer(tool: Tool, call: ToolCall, result: Any, error: str | None, past: Sequence[CallRecord]) -> str | None:
    """The same read with the same arguments, and nothing written in between, must give the same."""
    if tool.effect != "read":
        return None
    for record in reversed(_since_write(past)):
        if record.call.name != call.name or record.call.arguments != call.arguments or not _whole(record):
            continue
        before = record.outcome.error.code if record.outcome.error else None
        if before == error and (error is not None or record.outcome.result == result):
            return None
        earlier = f"the error {before}" if before else msgspec.json.encode(record.outcome.result).decode()[:1000]
        return f"The same call gave {earlier} before, and nothing was written since: answer the same."
    return None


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)


def _wrong_rows(pack: Pack, state: State, tool: Tool, result: Any) -> Iterator[str]:
    """An object that holds a table's key speaks of that row: what it calls like a column must have the column's value."""
    for item in _objects(result):
        tables = _spoken_of(pack, tool, item)
        for name in tables:
            row = state.get(name, item[pack.tables[name].key])
            others = {column for other in tables if other != name for column in pack.tables[other].columns}
            for column, value in (row.values if row else {}).items():
                # Another type is another thing that happens to have the name: an amount paid, and whether it was.
                same_kind = column in item and column not in others and type(item[column]) is type(value)
                if same_kind and item[column] != value and pack.tables[name].columns[column].compare == "exact":
                    said = msgspec.json.encode(item[column]).decode()[:200]
                    yield f"{name} {item[pack.tables[name].key]} has {column} {msgspec.json.encode(value).decode()[:200]}, not {said}."


def _spoken_of(pack: Pack, tool: Tool, item: dict[str, Any]) -> list[str]:
    """The tables of whose rows an object speaks: it holds their keys, and not only because a row of another of them refers to it (a
    booking with its owner's key is about the booking)."""
    keyed = [name for name in tool.readable if pack.tables[name].key in item]
    referred = {
        spec.ref for name in keyed for column, spec in pack.tables[name].columns.items() if column in item and spec.ref not in (None, name)
    }
    return [name for name in keyed if name not in referred]


def _unknown_keys(pack: Pack, state: State, schema: Any, value: Any, place: str = "result") -> Iterator[str]:
    """Where ``returns`` says ``ref``, the key must be there, new rows included."""
    if not isinstance(schema, dict):
        return
    table = schema.get("ref")
    if table in pack.tables and isinstance(value, str) and state.get(table, value) is None:
        yield f"{place}: {table} has no row {value!r}. Use one that is there, or insert it."
    if isinstance(value, dict):
        for name, part in (schema.get("properties") or {}).items():
            if name in value:
                yield from _unknown_keys(pack, state, part, value[name], f"{place}.{name}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _unknown_keys(pack, state, schema.get("items"), item, f"{place}.{i}")


def _another_object(tool: Tool, result: Any, past: Sequence[CallRecord]) -> str | None:
    """A thing that stands in no table is known by what was said of it: it may not change unless something was written."""
    if tool.effect != "read":
        return None
    known: dict[Identity, dict[str, Any]] = {}
    for record in _since_write(past):
        if record.outcome.simulation and record.call.name == tool.name and _whole(record) and record.outcome.error is None:
            for identity, item in _identified(record.outcome.result).items():
                known.setdefault(identity, {}).update(item)
    for identity, item in _identified(result).items():
        before = known.get(identity, {})
        for name, value in item.items():
            if name in before and before[name] != value:
                thing = ", ".join(f"{key} {text}" for key, text in identity)
                return f"{thing} had {name} {before[name]!r} before, and nothing was written since; now it has {value!r}."
    return None


def _identified(result: Any) -> dict[Identity, dict[str, Any]]:
    """The scalar properties of the objects that have ids, by these; two objects with the same ids (lines of one order) are left out."""
    found: dict[Identity, dict[str, Any]] = {}
    twice = set[Identity]()
    for item in _objects(result):
        identity = tuple(sorted((n, v) for n, v in item.items() if isinstance(v, str) and (n == "id" or n.endswith("_id"))))
        scalars = {n: v for n, v in item.items() if not isinstance(v, dict | list)}
        if not identity:
            continue
        if identity in found and found[identity] != scalars:
            twice.add(identity)
        found.setdefault(identity, scalars)
    return {identity: item for identity, item in found.items() if identity not in twice}
