"""What a simulator answers: a result or an error, the rows it changes, and notes on what its world has established."""

from typing import Any

import msgspec

from synthesis.engine.packs.function_tools import plain_schema
from synthesis.engine.packs.model import Tool

MOST_CHANGES = 50
"""Rows that one answer may change."""
MOST_NOTES = 8
LONGEST_NOTE = 400


class Insert(msgspec.Struct, frozen=True):
    """A new row, its key included."""

    table: str
    row: dict[str, Any]


class Update(msgspec.Struct, frozen=True):
    """New values of some columns of a row."""

    table: str
    key: str
    set: dict[str, Any]


class Delete(msgspec.Struct, frozen=True):
    """A row that goes."""

    table: str
    key: str


class Edits(msgspec.Struct, frozen=True):
    """The rows that an answer changes: inserts first, then updates, then deletes."""

    insert: list[Insert] = []
    update: list[Update] = []
    delete: list[Delete] = []

    def __len__(self) -> int:
        return len(self.insert) + len(self.update) + len(self.delete)


class SaidError(msgspec.Struct, frozen=True):
    """An error of the tool: one of its declared codes, with a message."""

    code: str
    message: str = ""


class SimulatorAnswer(msgspec.Struct, frozen=True):
    """A simulator's answer to one call: ``error``, or else ``result``."""

    result: Any = None
    error: SaidError | None = None
    delta: Edits = Edits()
    notes: list[str] = []


class BadAnswer(ValueError):
    """An answer that cannot be taken. The text is a sentence for the model."""


def answer_schema(tool: Tool) -> dict[str, Any]:
    """The JSON Schema of an answer for ``tool``."""
    tables: dict[str, Any] = {"enum": tool.writable} if tool.writable else {"type": "string"}
    key = {"type": "string"}
    edits = {
        "insert": _rows({"table": tables, "row": {"type": "object"}}),
        "update": _rows({"table": tables, "key": key, "set": {"type": "object"}}),
        "delete": _rows({"table": tables, "key": key}),
    }
    error = {
        "type": "object",
        "required": ["code", "message"],
        "properties": {"code": {"enum": [e.code for e in tool.errors]} if tool.errors else key, "message": key},
    }
    return {
        "type": "object",
        "required": ["notes"],
        "properties": {
            "result": plain_schema(tool.returns),
            "error": {"anyOf": [error, {"type": "null"}]},
            "delta": {"type": "object", "properties": edits, "additionalProperties": False},
            "notes": {"type": "array", "maxItems": MOST_NOTES, "items": {"type": "string", "maxLength": LONGEST_NOTE}},
        },
        "additionalProperties": False,
    }


def _rows(properties: dict[str, Any]) -> dict[str, Any]:
    item = {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}
    return {"type": "array", "maxItems": MOST_CHANGES, "items": item}


def read_simulator(value: Any) -> SimulatorAnswer:
    """The answer in a JSON value. Raises BadAnswer."""
    try:
        answer = msgspec.convert(value, SimulatorAnswer)
    except msgspec.ValidationError as error:
        raise BadAnswer(f"The answer does not have the form asked for: {error}.") from None
    if answer.error is None and (not isinstance(value, dict) or "result" not in value):
        raise BadAnswer("The answer holds neither result nor error; give one of the two.")
    if len(answer.delta) > MOST_CHANGES:
        raise BadAnswer(f"The answer changes {len(answer.delta)} rows; at most {MOST_CHANGES} are allowed.")
    if answer.error is not None and len(answer.delta):
        raise BadAnswer("A call that fails changes nothing: leave delta empty, or give a result.")
    return answer
