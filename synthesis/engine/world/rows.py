"""Rows and the base world.

A base world is one seeded, immutable set of tables, shared by every environment of its (release, seed). A row keeps its JSON text
beside its
values: programs read text, filters read values, and an unchanged row is encoded once.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import msgspec

Key = str
Values = dict[str, Any]


class Row:
    """One row. ``values`` are never changed in place; ``text`` is their JSON, made when first needed."""

    __slots__ = ("_text", "values")

    def __init__(self, values: Values) -> None:
        self.values = values
        self._text: str | None = None

    @property
    def text(self) -> str:
        """The row as JSON text."""
        if self._text is None:
            self._text = msgspec.json.encode(self.values).decode()
        return self._text


class Setting(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a world departs from what its seed alone makes, so that it fits beside another one: all its days are counted from ``now``, and in
    the caller's table the row ``caller`` has these ``values``: it is the person who calls there, too.
    """

    now: str
    caller: str = ""
    values: dict[str, Any] = {}


class BaseWorld:
    """Immutable tables of one (release, seed).

    ``tables[name][key]`` is a Row, in key order. ``now`` is ``YYYY-MM-DDTHH:MM``. ``counters`` count the ids given out per table.
    ``digest`` is sha256 over
    everything.
    """

    def __init__(
        self, release: str, seed: int, now: str, tables: Mapping[str, Iterable[tuple[Key, Values]]], counters: Mapping[str, int]
    ) -> None:
        self.release, self.seed, self.now = release, seed, now
        self.tables: dict[str, dict[Key, Row]] = {name: {key: Row(values) for key, values in sorted(rows)} for name, rows in tables.items()}
        self.counters = dict(counters)
        self._indexes: dict[tuple[str, str], dict[Any, list[Key]]] = {}

    def with_row(self, table: str, key: Key, values: Values) -> "BaseWorld":
        """This world with other ``values`` in one row. Raises KeyError where there is no such row."""
        changed = BaseWorld(self.release, self.seed, self.now, {}, self.counters)
        changed.tables = {**self.tables, table: {**self.tables[table], key: Row({**self.tables[table][key].values, **values})}}
        return changed

    @cached_property
    def digest(self) -> str:
        """sha256 over everything."""
        content = {name: {key: row.values for key, row in rows.items()} for name, rows in self.tables.items()}
        text = msgspec.json.encode([self.release, self.seed, self.now, content, self.counters], order="sorted")
        return hashlib.sha256(text).hexdigest()

    def having(self, table: str, column: str, value: Any) -> list[Key]:
        """Keys of the rows of ``table`` whose ``column`` equals ``value``, in key order; from an index made on first use."""
        index = self._indexes.get((table, column))
        if index is None:
            index = {}
            for key, row in self.tables[table].items():
                index.setdefault(_hashable(row.values.get(column)), []).append(key)
            self._indexes[table, column] = index
        return index.get(_hashable(value), [])


def _hashable(value: Any) -> Any:
    """``value`` as a dict key; True and 1 are kept apart as JSON does, 1 and 1.0 are equal."""
    if isinstance(value, bool):
        return ("bool", value)
    return value if value is None or isinstance(value, str | int | float) else msgspec.json.encode(value, order="sorted")
