"""Filters of ``find``: ``column=value`` and ``column__op=value``."""

from collections.abc import Callable, Mapping
from typing import Any

from synthesis.engine.world.rows import Values

Test = Callable[[Values], bool]


class BadQuery(ValueError):
    """A filter names an unknown column or operator, or compares what cannot be compared. The text says which and what to write."""


def _same(a: Any, b: Any) -> bool:
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda a, b: a is not None and a < b,
    "le": lambda a, b: a is not None and a <= b,
    "gt": lambda a, b: a is not None and a > b,
    "ge": lambda a, b: a is not None and a >= b,
    "ne": lambda a, b: not _same(a, b),
    "in": lambda a, b: any(_same(a, x) for x in b),
    "like": lambda a, b: isinstance(a, str) and b.casefold() in a.casefold(),
}


def equalities(where: Mapping[str, Any]) -> dict[str, Any]:
    """The plain ``column=value`` filters."""
    return {name: value for name, value in where.items() if "__" not in name}


def tests(table: str, columns: Mapping[str, object], where: Mapping[str, Any]) -> list[Test]:
    """One test per filter. Raises BadQuery."""
    return [_test(table, columns, name, value) for name, value in where.items()]


def _test(table: str, columns: Mapping[str, object], name: str, value: Any) -> Test:
    column, _, operator = name.partition("__")
    if column not in columns:
        raise BadQuery(f"{table} has no column {column}; it has {', '.join(columns)}")
    if not operator:
        return lambda values: _same(values.get(column), value)
    compare = OPERATORS.get(operator)
    if compare is None:
        raise BadQuery(f"{name}: unknown operator {operator}; use {', '.join(OPERATORS)}")

    def test(values: Values) -> bool:
        try:
            return compare(values.get(column), value)
        except TypeError:
            raise BadQuery(f"{table}.{name}: {values.get(column)!r} and {value!r} cannot be compared") from None

    return test
