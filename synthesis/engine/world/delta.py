"""Deltas: what calls changed, as net changes over the base world, and when two of them mean the same.

Final states are compared as net deltas, up to renaming of fresh keys (two plays may book in another order) and respecting each column's
``compare``.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from synthesis.engine.packs.model import Pack, Table
from synthesis.engine.world.changes import RowChange

_ROUNDS = 3
"""Rounds of refinement: enough for chains of fresh rows that point to fresh rows that point to fresh rows."""


def net(changes: Iterable[RowChange]) -> list[RowChange]:
    """Merge changes in order of time into one per row, without those that came back to where they were; sorted by table and key."""
    merged: dict[tuple[str, str], RowChange] = {}
    for change in changes:
        place = (change.table, change.key)
        before = merged[place].before if place in merged else change.before
        merged[place] = RowChange(change.table, change.key, before, change.after)
    return sorted((c for c in merged.values() if c.before != c.after), key=lambda c: (c.table, c.key))


def state_digest(base: str, changes: list[RowChange], counters: Mapping[str, int]) -> str:
    """sha256 over the base world's digest, the net delta and the counters that moved."""
    return hashlib.sha256(msgspec.json.encode([base, changes, counters], order="sorted")).hexdigest()


def joint_digest(own: str, others: Mapping[str, str]) -> str:
    """The digest of several worlds side by side: the ``own`` one's, where no other domain's (by slug) has changed."""
    return own if not others else hashlib.sha256(msgspec.json.encode([own, others], order="sorted")).hexdigest()


def placed(changes: Iterable[RowChange], domain: str, own: str) -> list[RowChange]:
    """Changes in a world of ``domain`` as a scenario of the domain ``own`` names them: tables of another one are ``domain.table``."""
    return [c if domain == own else msgspec.structs.replace(c, table=f"{domain}.{c.table}") for c in changes]


class Comparison:
    """Compares net deltas of one pack (its tables may be prefixed ``domain.`` when a scenario has several worlds)."""

    def __init__(self, packs: Mapping[str, Pack], own: str) -> None:
        self.packs, self.own = packs, own

    def table(self, name: str) -> Table:
        """The table that a delta calls ``name``."""
        domain, _, table = name.rpartition(".")
        return self.packs[domain or self.own].tables[table]

    def differences(self, expected: list[RowChange], actual: list[RowChange]) -> list[str]:
        """In words, what ``actual`` lacks and has too much; empty when they mean the same."""
        left, right = self._signed(expected), self._signed(actual)
        for signature in list(left):
            while left[signature] and right.get(signature):
                left[signature].pop()
                right[signature].pop()
        missing = [f"missing: {_words(c)}" for changes in left.values() for c in changes]
        extra = [f"not expected: {_words(c)}" for changes in right.values() for c in changes]
        return missing + extra

    def _signed(self, changes: list[RowChange]) -> dict[str, list[RowChange]]:
        """Changes by a signature that does not depend on the names of fresh keys."""
        fresh = {(c.table, c.key): "new" for c in changes if c.before is None}
        for _ in range(_ROUNDS if fresh else 0):
            fresh = {(c.table, c.key): self._signature(c, fresh) for c in changes if c.before is None}
        signed: dict[str, list[RowChange]] = {}
        for change in changes:
            signed.setdefault(self._signature(change, fresh), []).append(change)
        return signed

    def _signature(self, change: RowChange, fresh: Mapping[tuple[str, str], str]) -> str:
        table = self.table(change.table)
        key = "new" if change.before is None else change.key
        after = (
            None
            if change.after is None
            else {c: self._value(change.table, table, c, v, fresh) for c, v in change.after.items() if c != table.key}
        )
        if after is not None and change.before is not None:
            after = {c: v for c, v in after.items() if change.before.get(c) != (change.after or {}).get(c)}
        text = msgspec.json.encode([change.table, key, after], order="sorted")
        return hashlib.sha256(text).hexdigest()

    def _value(self, full_name: str, table: Table, column: str, value: Any, fresh: Mapping[tuple[str, str], str]) -> Any:
        spec = table.columns[column]
        if spec.compare == "ignore":
            return None
        if spec.compare == "text" and isinstance(value, str):
            return plain_text(value)
        if spec.ref:
            domain = full_name.rpartition(".")[0]
            return fresh.get((f"{domain}.{spec.ref}" if domain else spec.ref, str(value)), value)
        return value


def plain_text(text: str) -> str:
    """``text`` without case, punctuation and spacing differences."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _words(change: RowChange) -> str:
    if change.before is None:
        return f"new row in {change.table} {_brief(change.after)}"
    if change.after is None:
        return f"{change.table} {change.key} deleted"
    changed = {c: v for c, v in change.after.items() if change.before.get(c) != v}
    return f"{change.table} {change.key} changed to {_brief(changed)}"


def _brief(values: dict[str, Any] | None) -> str:
    text = msgspec.json.encode(values).decode()
    return text if len(text) <= 200 else text[:199] + "…"
