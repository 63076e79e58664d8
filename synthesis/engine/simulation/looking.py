"""What a simulator is shown of a world: the tool, the call, the rows that matter to it, what was established and returned before."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from synthesis.engine.episode.ports import CallRecord
from synthesis.engine.episode.views import TableView, View
from synthesis.engine.packs.function_tools import plain_schema
from synthesis.engine.packs.holes import leaves
from synthesis.engine.packs.model import Pack, Table, Tool
from synthesis.engine.world.rows import Row
from synthesis.engine.world.state import State

WHOLE = 30
"""A table with at most so many rows is shown whole."""
MOST_ROWS = 80
"""Rows shown of a table at most: those nearest to the call."""
MOST_TEXT = 32_000
"""Characters of rows in one view, over all tables."""
MOST_CALLS = 40
"""Earlier calls shown, the latest ones."""
LONGEST_RESULT = 2_000
FREE_KEYS = 5
"""Keys offered for new rows of a table with a series."""
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T")
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
    words = {text[:10] if _MOMENT.match(text) else text for text in _texts(arguments)} | set(_texts(arguments))
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
    """Rows by table, nearest to the call first: what shares a text with it, then what references lead to, then the rest of small tables."""
    everything = {name: {str(row.values[pack.tables[name].key]): row for row in state.find(name, {})} for name in tool.readable}
    chosen: dict[str, dict[str, Row]] = {
        name: {key: row for key, row in rows.items() if _shares(words, row.values)} for name, rows in everything.items()
    }
    edge = {name: set(rows) for name, rows in chosen.items()}
    for _ in range(HOPS):
        near = _tied(pack, everything, edge)
        edge = {name: keys - set(chosen[name]) for name, keys in near.items()}
        for name, keys in edge.items():
            chosen[name] |= {key: everything[name][key] for key in sorted(keys)}
    for name, rows in everything.items():
        if len(rows) <= WHOLE:
            chosen[name] |= rows
    return _cut({name: (len(everything[name]), list(rows.values())[:MOST_ROWS]) for name, rows in chosen.items()})


def _tied(pack: Pack, everything: dict[str, dict[str, Row]], edge: dict[str, set[str]]) -> dict[str, set[str]]:
    """Keys of the rows that the rows at the edge refer to, and of those that refer to them."""
    found: dict[str, set[str]] = {name: set() for name in everything}
    for name, rows in everything.items():
        for column, spec in pack.tables[name].columns.items():
            target = spec.ref
            if target is None or target not in everything:
                continue
            found[target] |= {str(rows[key].values[column]) for key in edge[name]} & set(everything[target])
            found[name] |= {key for key, row in rows.items() if str(row.values[column]) in edge[target]}
    return found


def _shares(words: set[str], values: dict[str, Any]) -> bool:
    """Whether a row holds a text of the call, or a moment of a day in it."""
    return any(text in words or text[:10] in words for text in _texts(values))


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
    return (leaf for leaf in leaves(value) if isinstance(leaf, str) and len(leaf) > 1)
