"""A world's tables as people leaf through them: some rows by key, filtered by text; and the keys that a form may offer."""

from typing import Any

import msgspec

from synthesis.engine.trials.trial import TrialWorld, fold
from synthesis.engine.world.machine import Machine
from synthesis.engine.world.rows import Row
from synthesis.engine.world.state import State

MOST_KEYS = 300
"""Keys of one table that a form offers."""
HINT_LENGTH = 60


class TableLook(msgspec.Struct, frozen=True):
    """Rows of ``table`` wanted: after key ``after``, at most ``limit``; ``words`` must occur in ``column`` (in any when "")."""

    table: str
    words: str = ""
    column: str = ""
    key: str = ""
    after: str = ""
    limit: int = 50


class TableRows(msgspec.Struct, frozen=True):
    """``rows`` of the table looked at, ``more`` tells whether others follow; ``counts`` are rows by table, ``changed`` how many of them
    differ from the seeded world; ``changed_keys`` which of the shown; ``now`` is the world's moment."""

    now: str
    digest: str
    counts: dict[str, int]
    changed: dict[str, int]
    rows: list[dict[str, Any]]
    more: bool
    changed_keys: list[str] = []


def table_rows(machine: Machine, world: TrialWorld, look: TableLook) -> TableRows:
    """The rows that fit, in key order. A table that is not there has none."""
    state, _ = fold(machine, world)
    key = machine.pack.tables[look.table].key if look.table in machine.pack.tables else ""
    rows = [row.values for row in (state.find(look.table, {}) if key else []) if _fits(row, key, look)]
    delta = state.net_delta()
    return TableRows(
        now=state.base.now,
        digest=state.digest(),
        counts={name: len(state.find(name, {})) for name in machine.pack.tables},
        changed={name: sum(change.table == name for change in delta) for name in machine.pack.tables},
        rows=rows[: look.limit],
        more=len(rows) > look.limit,
        changed_keys=[change.key for change in delta if change.table == look.table],
    )


def _fits(row: Row, key: str, look: TableLook) -> bool:
    if row.values[key] <= look.after or (look.key and row.values[key] != look.key):
        return False
    if not look.words:
        return True
    values = row.values.values() if look.column not in row.values else [row.values[look.column]]
    words = look.words.casefold()
    return any(words in _text(value).casefold() for value in values)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def table_keys(machine: Machine, world: TrialWorld, tables: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Keys of these tables, each with a hint of what the row is."""
    state, _ = fold(machine, world)
    return {name: _keys(machine, state, name) for name in tables if name in machine.pack.tables}


def _keys(machine: Machine, state: State, table: str) -> list[tuple[str, str]]:
    key = machine.pack.tables[table].key
    return [(row.values[key], _hint(row, key)) for row in state.find(table, {}, limit=MOST_KEYS)]


def _hint(row: Row, key: str) -> str:
    parts = [str(value) for column, value in row.values.items() if column != key and isinstance(value, str | int) and value != ""]
    return ", ".join(parts)[:HINT_LENGTH]
