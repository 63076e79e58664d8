"""What a simulator is shown of a world: the tool, the call, the rows that matter to it, what was established and returned before."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from synthesis.engine.episode.ports import CallRecord
from synthesis.engine.episode.views import TableView, View
from synthesis.engine.packs.function_tools import plain_schema
from synthesis.engine.packs.model import Pack, Table, Tool
from synthesis.engine.world.rows import Row
from synthesis.engine.world.state import State

WHOLE = 30
"""A table with at most so many rows is shown whole."""
MOST_ROWS = 60
"""Rows shown of a larger table: those that the call leads to."""
MOST_TEXT = 24_000
"""Characters of rows in one view, over all tables."""
MOST_CALLS = 40
"""Earlier calls shown, the latest ones."""
LONGEST_RESULT = 2_000
FREE_KEYS = 5
"""Keys offered for new rows of a table with a series."""
HOPS = 2
"""How far references are followed from what the call names."""


def seen_by(tool: Tool, pack: Pack) -> Tool:
    """``tool`` as one that a simulator answers: a program's tables are not declared, so it sees all, and a write may change all."""
    if tool.simulated:
        return tool
    everything = list(pack.tables)
    writes = everything if tool.effect == "write" else []
    return msgspec.structs.replace(tool, kind="simulated", program="", reads=everything, writes=writes)


def look(pack: Pack, state: State, tool: Tool, arguments: dict[str, Any], past: Sequence[CallRecord]) -> View:
    """What the simulator of ``tool`` sees before it answers a call with ``arguments`` on ``state``."""
    words = set(_texts(arguments))
    shown = _relevant(pack, state, tool, words)
    writable = frozenset(tool.writable)
    tables = {
        name: TableView(
            key=pack.tables[name].key,
            columns={column: plain_schema(spec.schema) for column, spec in pack.tables[name].columns.items()},
            total=total,
            rows=[row.values for row in rows],
            writable=name in writable,
            free_keys=free_keys(state, pack.tables[name], name) if name in writable else [],
        )
        for name, (total, rows) in shown.items()
    }
    notes = [note for record in past if record.outcome.simulation for note in record.outcome.simulation.notes]
    return View(pack.slug, tool, arguments, state.base.now, tables, notes, [_told(record) for record in past[-MOST_CALLS:]])


def free_keys(state: State, table: Table, name: str) -> list[str]:
    """The next keys of a table's series, none where it has no series. The series itself is left where it stands."""
    if "serial" not in (table.columns[table.key].make or {}):
        return []
    twin = state.copy()
    return [twin.new_id(name) for _ in range(FREE_KEYS)]


def _told(record: CallRecord) -> dict[str, Any]:
    told: dict[str, Any] = {"tool": record.call.name, "arguments": record.call.arguments}
    outcome = record.outcome
    if outcome.error:
        return told | {"error": {"code": outcome.error.code, "message": outcome.error.message}}
    text = msgspec.json.encode(outcome.result).decode()
    return told | {"result": outcome.result if len(text) <= LONGEST_RESULT else text[:LONGEST_RESULT] + "…"}


def _relevant(pack: Pack, state: State, tool: Tool, words: set[str]) -> dict[str, tuple[int, list[Row]]]:
    """Rows by table: small tables whole; of larger ones what shares a text with the call, and what is tied to that by references."""
    everything = {name: state.find(name, {}) for name in tool.readable}
    chosen: dict[str, dict[str, Row]] = {
        name: {_key(pack, name, row): row for row in rows if len(rows) <= WHOLE or words & set(_texts(row.values))}
        for name, rows in everything.items()
    }
    for _ in range(HOPS):
        for name, rows in _tied(pack, everything, chosen, words).items():
            chosen[name].update(rows)
    return _cut({name: (len(everything[name]), list(rows.values())[:MOST_ROWS]) for name, rows in chosen.items()})


def _key(pack: Pack, table: str, row: Row) -> str:
    return str(row.values[pack.tables[table].key])


def _tied(pack: Pack, everything: dict[str, list[Row]], chosen: dict[str, dict[str, Row]], words: set[str]) -> dict[str, dict[str, Row]]:
    """Rows that rows matching the call refer to, and rows that refer to those."""
    core = {name: {key for key, row in rows.items() if words & set(_texts(row.values))} for name, rows in chosen.items()}
    found: dict[str, dict[str, Row]] = {name: {} for name in everything}
    for name, rows in everything.items():
        ties = [(column, spec.ref) for column, spec in pack.tables[name].columns.items() if spec.ref in everything and spec.ref]
        wanted = {target: {str(chosen[name][key].values[column]) for key in core[name]} for column, target in ties}
        for target, keys in wanted.items():
            found[target].update({key: row for row in everything[target] if (key := _key(pack, target, row)) in keys})
        found[name].update({_key(pack, name, row): row for row in rows if any(str(row.values[c]) in core[target] for c, target in ties)})
    return found


def _cut(tables: dict[str, tuple[int, list[Row]]]) -> dict[str, tuple[int, list[Row]]]:
    """No more text than fits, fairly over the tables: each may take what the ones before it left of their share."""
    left, cut = MOST_TEXT, {}
    by_size = sorted(tables, key=lambda name: sum(len(row.text) for row in tables[name][1]))
    for position, name in enumerate(by_size):
        total, rows = tables[name]
        share, kept = left // (len(by_size) - position), list[Row]()
        for row in rows:
            if len(row.text) > share:
                break
            share -= len(row.text)
            left -= len(row.text)
            kept.append(row)
        cut[name] = (total, kept)
    return {name: cut[name] for name in tables}


def _texts(value: Any) -> Iterator[str]:
    """Texts that say something: those of one letter, and truth values, match everything."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str) and len(value) > 1:
        yield value
