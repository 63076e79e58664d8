"""One environment's state: an overlay over a shared base world, with rollback and deltas."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from synthesis.engine.packs.model import Pack, Table
from synthesis.engine.world import query
from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.delta import state_digest
from synthesis.engine.world.rows import BaseWorld, Key, Row, Values
from synthesis.engine.world.values import validator_of


class BrokenConstraint(ValueError):
    """A write that the table does not allow. The text names table, column and why."""


class Tables:
    """What a pack says of its tables, ready for checking writes. Shared by all states of the pack."""

    def __init__(self, pack: Pack) -> None:
        self.specs: dict[str, Table] = pack.tables
        self.validators = {name: validator_of(_row_schema(table)) for name, table in pack.tables.items()}
        self.refs = {name: [(c, s.ref) for c, s in table.columns.items() if s.ref] for name, table in pack.tables.items()}
        self.unique = {name: [*table.unique, *([c] for c, s in table.columns.items() if s.unique)] for name, table in pack.tables.items()}

    def spec(self, table: str) -> Table:
        """The table ``table``. Raises BrokenConstraint when there is none."""
        if table not in self.specs:
            raise BrokenConstraint(f"there is no table {table}; tables are {', '.join(self.specs)}")
        return self.specs[table]


def _row_schema(table: Table) -> dict[str, Any]:
    properties = {name: spec.schema for name, spec in table.columns.items()}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


class State:
    """Tables as they stand: base rows, less the deleted, plus the written.

    ``begin`` starts a call; ``rollback`` undoes it; ``call_delta`` tells what it changed.
    """

    def __init__(self, base: BaseWorld, tables: Tables) -> None:
        self.base, self.tables = base, tables
        self.overlay: dict[str, dict[Key, Row | None]] = {}
        self.counters: dict[str, int] = {}
        self.caller = ""
        """Key of the caller's row, on whose things tools of the user's side act; "" for the first one."""
        self._journal: list[tuple[str, Key, Row | None]] = []
        self._counters_before: dict[str, int] = {}

    def copy(self) -> "State":
        """An independent state with the same content."""
        twin = State(self.base, self.tables)
        twin.overlay = {table: dict(rows) for table, rows in self.overlay.items()}
        twin.counters = dict(self.counters)
        twin.caller = self.caller
        return twin

    # reading

    def get(self, table: str, key: Any) -> Row | None:
        """The row, or None."""
        self.tables.spec(table)
        rows = self.overlay.get(table)
        if rows is not None and key in rows:
            return rows[key]
        return self.base.tables[table].get(key) if isinstance(key, str) else None

    def find(self, table: str, where: Mapping[str, Any], order_by: str | None = None, limit: int | None = None) -> list[Row]:
        """Rows that pass every filter, in key order or by ``order_by`` (``-column`` for descending). Raises BadQuery."""
        spec = self.tables.spec(table)
        tests = query.tests(table, spec.columns, where)
        rows = list(self._candidates(table, where))
        for test in tests:
            rows = [row for row in rows if test(row.values)]
        if order_by:
            column = order_by.lstrip("-")
            if column not in spec.columns:
                raise query.BadQuery(f"order_by: {table} has no column {column}")
            rows.sort(
                key=lambda row: (row.values[column] is None, row.values[column] if row.values[column] is not None else 0),
                reverse=order_by[0] == "-",
            )
        return rows if limit is None else rows[:limit]

    def _candidates(self, table: str, where: Mapping[str, Any]) -> Iterator[Row]:
        base, written = self.base.tables[table], self.overlay.get(table, {})
        equal = query.equalities(where)
        keys: list[Key] = list(base)
        for column, value in equal.items():
            keys = self.base.having(table, column, value)
            break
        if not written:
            return (base[key] for key in keys)
        live: dict[Key, Row] = {key: base[key] for key in keys if key not in written}
        live.update((key, row) for key, row in written.items() if row is not None)
        return (live[key] for key in sorted(live))

    # writing

    def begin(self) -> None:
        """Start a call."""
        self._journal.clear()
        self._counters_before = dict(self.counters)

    def rollback(self) -> None:
        """Undo everything since ``begin``."""
        for table, key, before in reversed(self._journal):
            self._put(table, key, before)
        self._journal.clear()
        self.counters = dict(self._counters_before)

    def _put(self, table: str, key: Key, row: Row | None) -> None:
        rows = self.overlay.setdefault(table, {})
        if row is self.base.tables[table].get(key):
            rows.pop(key, None)
            if not rows:
                del self.overlay[table]
        else:
            rows[key] = row

    def _write(self, table: str, key: Key, row: Row | None) -> None:
        self._journal.append((table, key, self.get(table, key)))
        self._put(table, key, row)

    def insert(self, table: str, values: Values) -> Row:
        """Insert a row; columns left out take their default or null. Raises BrokenConstraint."""
        spec = self.tables.spec(table)
        full = {name: values.get(name, column.default) for name, column in spec.columns.items()}
        full = {name: None if value is msgspec.UNSET else value for name, value in full.items()}
        extra = set(values) - set(spec.columns)
        if extra:
            raise BrokenConstraint(f"{table} has no column {', '.join(sorted(extra))}")
        key = full[spec.key]
        if not isinstance(key, str) or self.get(table, key) is not None:
            raise BrokenConstraint(f"{table}: the key {key!r} is taken or not text; use new_id({table!r})")
        self._check(table, full, None)
        row = Row(full)
        self._write(table, key, row)
        return row

    def update(self, table: str, key: Key, changes: Values) -> Row:
        """Change columns of a row. Raises BrokenConstraint."""
        spec = self.tables.spec(table)
        old = self.get(table, key)
        if old is None:
            raise BrokenConstraint(f"{table} has no row {key!r} to update")
        if changes.get(spec.key, key) != key:
            raise BrokenConstraint(f"{table}: a key cannot change")
        full = {**old.values, **changes}
        self._check(table, full, old.values)
        row = Row(full)
        self._write(table, key, row)
        return row

    def delete(self, table: str, key: Key) -> Row:
        """Delete a row and return it. Raises BrokenConstraint."""
        old = self.get(table, key)
        if old is None:
            raise BrokenConstraint(f"{table} has no row {key!r} to delete")
        self._write(table, key, None)
        return old

    def apply(self, changes: Sequence[RowChange]) -> None:
        """Make changes that were made before, as their record tells them. Raises BrokenConstraint where a row is not as the record says it
        was; what was changed by then stays (``rollback`` undoes it)."""
        for change in changes:
            self.tables.spec(change.table)
            row = self.get(change.table, change.key)
            if (row.values if row else None) != change.before:
                raise BrokenConstraint(f"{change.table} {change.key} is not as the record says it was")
            self._write(change.table, change.key, Row(change.after) if change.after is not None else None)

    def new_id(self, table: str) -> Key:
        """The next key of the table's series."""
        spec = self.tables.spec(table)
        series = (spec.columns[spec.key].make or {}).get("serial")
        if series is None:
            raise BrokenConstraint(f"{table} has no series; give its key make: {{serial: ...}}")
        while True:
            number = self.counters.get(table, self.base.counters.get(table, 0)) + 1
            self.counters[table] = number
            key = str(series).format(number)
            if self.get(table, key) is None:
                return key

    def _check(self, table: str, values: Values, old: Values | None) -> None:
        validator = self.tables.validators[table]
        if not validator.is_valid(values):
            error = next(iter(validator.iter_errors(values)))
            where = ".".join(map(str, error.instance_path))
            raise BrokenConstraint(f"{table}.{where}: {error.message}" if where else f"{table}: {error.message}")
        for column, target in self.tables.refs[table]:
            value = values[column]
            if value is not None and (old is None or old[column] != value) and self.get(target, value) is None:
                raise BrokenConstraint(f"{table}.{column}: {target} has no row {value!r}")
        for group in self.tables.unique[table]:
            self._check_unique(table, group, values, old)

    def _check_unique(self, table: str, group: list[str], values: Values, old: Values | None) -> None:
        if any(values[column] is None for column in group) or (old is not None and all(old[c] == values[c] for c in group)):
            return
        key = self.tables.specs[table].key
        wanted = [values[column] for column in group]
        written = self.overlay.get(table, {})
        alike = [k for k in self.base.having(table, group[0], wanted[0]) if k not in written]
        rows = [self.base.tables[table][k] for k in alike] + [row for row in written.values() if row is not None]
        for row in rows:
            if row.values[key] != values[key] and [row.values[column] for column in group] == wanted:
                raise BrokenConstraint(f"{table}: {' and '.join(group)} must be unique, and {row.values[key]} has the same")

    # what changed

    def call_delta(self) -> list[RowChange]:
        """Net changes since ``begin``."""
        first: dict[tuple[str, Key], Row | None] = {}
        for table, key, before in self._journal:
            first.setdefault((table, key), before)
        return self._changes((table, key, before) for (table, key), before in first.items())

    def net_delta(self) -> list[RowChange]:
        """Net changes over the base world, sorted by table and key."""
        return self._changes((table, key, self.base.tables[table].get(key)) for table, rows in self.overlay.items() for key in rows)

    def _changes(self, rows: Iterator[tuple[str, Key, Row | None]] | Any) -> list[RowChange]:
        changes = []
        for table, key, before in rows:
            after = self.get(table, key)
            old, new = before.values if before else None, after.values if after else None
            if old != new:
                changes.append(RowChange(table, key, old, new))
        return sorted(changes, key=lambda c: (c.table, c.key))

    def digest(self) -> str:
        """The state digest."""
        return state_digest(self.base.digest, self.net_delta(), self.counters)
