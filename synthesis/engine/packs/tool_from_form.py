"""From a form back to a tool: what its fields say goes into the document that the form was drawn from.

Entries that the form only shows stay as they were, and in their places.
"""

import json
from typing import Any, Literal

import msgspec

from synthesis.engine.packs.tool_form import LEAST, NAME, Document, ErrorRow, Fields, ParameterRow, enum_values, one_line


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a field: its name as in the form, and what kind of wrong it is."""

    field: str
    kind: Literal["name", "repeated", "enum", "json", "object", "empty"]
    detail: str = ""


class Wrong(ValueError):
    """Fields that make no tool. ``problems`` say why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.kind}" for problem in problems))
        self.problems = problems


def tool_of(base: Document, fields: Fields) -> Document:
    """The tool that a form means. Raises Wrong."""
    problems: list[Problem] = []
    tool = dict(base)
    if not NAME.match(fields.name):
        problems.append(Problem("name", "name"))
    tool |= {"name": fields.name, "description": fields.description, "effect": fields.effect}
    if fields.confirm or "confirm" in base:
        tool["confirm"] = fields.confirm
    tool["parameters"] = _parameters(base.get("parameters", {}), fields, problems)
    _put(tool, "returns", _json("returns", fields.returns, problems))
    errors = _errors(base.get("errors", []), fields.errors, problems)
    if errors or base.get("errors") == []:
        tool["errors"] = errors
    else:
        tool.pop("errors", None)
    _kind(tool, base, fields)
    if fields.side == "user" or "side" in base:
        tool["side"] = fields.side
    if problems:
        raise Wrong(problems)
    return tool


def _kind(tool: Document, base: Document, fields: Fields) -> None:
    """Program, or simulator and its tables. The program that a new tool begins with is dropped when a simulator takes its place; one that
    somebody wrote stays, and the file says that the two do not go together."""
    if fields.kind == "simulated" or "kind" in base:
        tool["kind"] = fields.kind
    for word in ("reads", "writes"):
        names = [name.strip() for name in getattr(fields, word).split(",") if name.strip()]
        _put(tool, word, names if names or base.get(word) == [] else None)
    empty = not fields.program.strip() or fields.program == LEAST["program"]
    _put(tool, "program", None if fields.kind == "simulated" and empty else fields.program)


def _put(data: Document, key: str, value: Any) -> None:
    """Set an entry; None takes it out."""
    if value is None:
        data.pop(key, None)
    else:
        data[key] = value


def _parameters(base: Document, fields: Fields, problems: list[Problem]) -> Document:
    old = base.get("properties", {})
    properties: Document = {}
    required: list[str] = []
    for i, row in enumerate(fields.parameters):
        if row.remove or row == ParameterRow(kind=row.kind):
            continue
        if not NAME.match(row.name):
            problems.append(Problem(f"p-{i}-name", "name"))
        elif row.name in properties:
            problems.append(Problem(f"p-{i}-name", "repeated", row.name))
        properties[row.name] = _schema(old.get(row.was, {}) if row.was else {}, row, f"p-{i}", problems)
        if row.required:
            required.append(row.name)
    made = dict(base)
    if properties or "properties" in base:
        made["properties"] = properties
    if required or "required" in base:
        renamed = {row.was: row.name for row in fields.parameters if row.was}
        first = [renamed.get(name, name) for name in base.get("required", []) if renamed.get(name, name) in required]
        # Names that are required but not described stay: the form does not show them.
        hidden = [name for name in base.get("required", []) if name not in old]
        made["required"] = [*dict.fromkeys([*first, *hidden, *required])]
    if fields.only_these:
        made["additionalProperties"] = False
    elif base.get("additionalProperties") is False:
        del made["additionalProperties"]
    return made


def _schema(base: Any, row: ParameterRow, place: str, problems: list[Problem]) -> Any:
    """The schema of one parameter."""
    if not isinstance(base, dict):
        return base
    schema = dict(base)
    _put(schema, "type", json.loads(row.kind) if row.kind else None)
    if not row.enum_fixed:
        try:
            _put(schema, "enum", enum_values(row.enum, schema.get("type")) or None)
        except ValueError:
            problems.append(Problem(f"{place}-enum", "enum", row.enum))
    for key in ("description", "ref"):
        if one_line(base.get(key, "")) and getattr(row, key) != base.get(key, ""):
            _put(schema, key, getattr(row, key) or None)
    return schema


def _errors(base: list[Document], rows: list[ErrorRow], problems: list[Problem]) -> list[Document]:
    made: list[Document] = []
    for i, row in enumerate(rows):
        if row.remove or not (row.code or row.when or row.example):
            continue
        if not NAME.match(row.code):
            problems.append(Problem(f"e-{i}-code", "name"))
        elif any(row.code == error["code"] for error in made):
            problems.append(Problem(f"e-{i}-code", "repeated", row.code))
        error = dict(base[row.position]) if 0 <= row.position < len(base) else {}
        error["code"] = row.code
        if row.when or "when" in error:
            _put(error, "when", row.when or None)
        _put(error, "example", _json(f"e-{i}-example", row.example, problems))
        made.append(error)
    return made


def _json(field: str, text: str, problems: list[Problem]) -> Document | None:
    """A JSON object, None for an empty text."""
    if not text.strip():
        return None
    try:
        value = read_json(text)
    except ValueError as error:
        problems.append(Problem(field, "json", str(error)))
        return None
    if not isinstance(value, dict):
        problems.append(Problem(field, "object"))
        return None
    return value


def read_json(text: str) -> Any:
    """JSON as people write it: no NaN, no infinities, no depth beyond reason. Raises ValueError."""

    def refused(word: str) -> Any:
        raise ValueError(f"{word} is not JSON")

    try:
        return json.loads(text, parse_constant=refused)
    except RecursionError:
        raise ValueError("nested too deep") from None


def tool_of_document(text: str, program: str) -> Document:
    """The tool that the other view means. Raises Wrong."""
    problems: list[Problem] = []
    document = _json("document", text, problems)
    if document is None:
        raise Wrong(problems or [Problem("document", "empty")])
    if not isinstance(document.get("name"), str) or not NAME.match(document["name"]):
        raise Wrong([Problem("document", "name")])
    rest = {key: value for key, value in document.items() if key != "program"}
    return rest if document.get("kind") == "simulated" and not program.strip() else rest | {"program": program}
