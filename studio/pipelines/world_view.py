"""What calls did to the world of an episode: rows before and after, at any step."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

CELL_LENGTH = 300


class Cell(NamedTuple):
    """One column of a row: its value before and after, "" for none; ``changed`` when they differ."""

    column: str
    before: str
    after: str
    changed: bool


class Change(NamedTuple):
    """One row that a call changed. ``kind`` is inserted, updated or deleted; ``fresh`` marks the step that is looked at."""

    table: str
    key: str
    kind: str
    cells: list[Cell]
    fresh: bool = False


class ChangedTable(NamedTuple):
    """The changed rows of one table."""

    name: str
    changes: list[Change]


def change_of(change: Mapping[str, Any], fresh: bool = False) -> Change:
    """A row of a delta, with the columns that changed (all of them where the row came or went)."""
    before, after = change.get("before"), change.get("after")
    kind = "inserted" if before is None else "deleted" if after is None else "updated"
    old, new = before or {}, after or {}
    names = [name for name in {**old, **new} if kind != "updated" or old.get(name) != new.get(name)]
    cells = [
        Cell(name, short(old[name]) if name in old else "", short(new[name]) if name in new else "", old.get(name) != new.get(name))
        for name in names
    ]
    return Change(str(change["table"]), str(change["key"]), kind, cells, fresh)


def world_at(deltas: Sequence[tuple[int, Sequence[Mapping[str, Any]]]], seq: int) -> list[Change]:
    """Every row that differs from the start of the episode after the deltas ``(event number, changes)``; ``fresh`` where event ``seq``
    changed it.
    """
    first: dict[tuple[str, str], Any] = {}
    last: dict[tuple[str, str], Any] = {}
    fresh: set[tuple[str, str]] = set()
    for number, changes in deltas:
        for change in changes:
            key = (str(change["table"]), str(change["key"]))
            first.setdefault(key, change.get("before"))
            last[key] = change.get("after")
            if number == seq:
                fresh.add(key)
    return [
        change_of({"table": key[0], "key": key[1], "before": first[key], "after": last[key]}, key in fresh)
        for key in sorted(last)
        if first[key] != last[key] or key in fresh
    ]


def by_table(changes: Sequence[Change]) -> list[ChangedTable]:
    """Changes under the names of their tables; tables that the step itself changed come first."""
    tables: dict[str, list[Change]] = {}
    for change in sorted(changes, key=lambda change: not change.fresh):
        tables.setdefault(change.table, []).append(change)
    return [ChangedTable(name, rows) for name, rows in tables.items()]


def short(value: object, length: int = CELL_LENGTH) -> str:
    """A value in few characters: a text as it is, anything else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= length else text[:length] + "…"
