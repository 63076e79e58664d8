"""How a value is shown: as rows of the same columns, as names and values, or as text by its size."""

import json
from typing import NamedTuple

from studio.pipelines.world_view import short

FOLD_BYTES = 4_000
FILE_BYTES = 256_000
"""Bodies above the first are collapsed, above the second only offered as a file."""
MOST_ROWS = 50


class Body(NamedTuple):
    """A text to show: ``how`` is plain, folded or file; a file's text is not in the page."""

    text: str
    how: str
    size: int


class Grid(NamedTuple):
    """A value that is rows of the same columns. ``more`` rows are not shown."""

    columns: list[str]
    rows: list[list[str]]
    more: int


class Shape(NamedTuple):
    """A value as it is best shown: as rows, as names and values, or (when both are empty) as text."""

    grid: Grid | None
    record: list[tuple[str, str]]
    body: Body


def shape_of(value: object) -> Shape:
    """How to show a value, such as a call's result."""
    rows, record = grid_of(value), record_of(value)
    return Shape(rows, record, body_of("" if rows or record else value if isinstance(value, str) else whole_json(value)))


def cell_text(value: object) -> str:
    """A value as it stands in a cell of a table."""
    return "" if value is None else short(value)


def body_of(text: object) -> Body:
    """A text with the way its size allows it to be shown."""
    shown = str(text)
    size = len(shown.encode("utf-8", "replace"))
    how = "plain" if size <= FOLD_BYTES else "folded" if size <= FILE_BYTES else "file"
    return Body("" if how == "file" else shown, how, size)


def whole_json(value: object) -> str:
    """A value as readable JSON text."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def record_of(value: object) -> list[tuple[str, str]]:
    """A flat value as names and values; none for anything else."""
    if not isinstance(value, dict) or len(value) > MOST_ROWS or any(isinstance(part, list) for part in value.values()):
        return []
    return [(str(name), short(part)) for name, part in value.items()]


def grid_of(value: object) -> Grid | None:
    """A value that is, or holds alone, a list of records."""
    if isinstance(value, dict) and len(value) == 1:
        [value] = value.values()
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) for row in value):
        return None
    columns = list(dict.fromkeys(str(name) for row in value[:MOST_ROWS] for name in row))[:20]
    rows = [[short(row[name]) if name in row else "" for name in columns] for row in value[:MOST_ROWS]]
    return Grid(columns, rows, max(0, len(value) - MOST_ROWS))
