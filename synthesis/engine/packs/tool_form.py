"""A tool of a pack as a form shows it, and back: two views of one document.

The form names the parts that most tools consist of. What it cannot express (other keywords, nested schemas, ``oneOf``) stays in ``base``,
the document as it was when the form was drawn, and goes into the result unchanged. ``tool_of(tool, fields_of(tool))`` is ``tool``.
"""

import json
import re
from typing import Any, Literal

import msgspec

Document = dict[str, Any]

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
TYPES = ("string", "integer", "number", "boolean", "array", "object")
PARAMETER_KEYS = frozenset({"type", "enum", "description", "ref"})
"""What a row of the form expresses of a parameter's schema."""
TOP_KEYS = frozenset(
    {"name", "description", "effect", "confirm", "parameters", "returns", "errors", "program", "kind", "reads", "writes", "side"}
)
KINDS = ("program", "simulated")
SIDES = ("agent", "user")
LEAST: Document = {
    "name": "",
    "description": "",
    "effect": "read",
    "parameters": {"type": "object", "required": [], "additionalProperties": False, "properties": {}},
    "returns": {"type": "object"},
    "errors": [],
    "program": "def run(args):\n    return {}\n",
}
"""What a new tool begins with."""


class ParameterRow(msgspec.Struct):
    """A parameter. ``was`` is its name in the base, "" for a new one; ``kind`` its type as JSON text, "" for none; ``enum`` values between
    commas; ``kept`` what the form only shows, as JSON text."""

    was: str = ""
    name: str = ""
    kind: str = ""
    required: bool = False
    enum: str = ""
    description: str = ""
    ref: str = ""
    remove: bool = False
    kept: str = ""
    enum_fixed: bool = False


class ErrorRow(msgspec.Struct):
    """A declared error; ``position`` is its place in the base, -1 for a new one; ``example`` is JSON text."""

    position: int = -1
    code: str = ""
    when: str = ""
    example: str = ""
    remove: bool = False


class Fields(msgspec.Struct):
    """All that a form says about a tool; ``returns`` is JSON text, ``only_these`` refuses other parameters, ``reads`` and ``writes`` are
    tables between commas."""

    name: str
    description: str
    effect: str
    confirm: bool
    only_these: bool
    parameters: list[ParameterRow]
    returns: str
    errors: list[ErrorRow]
    program: str
    kind: str = "program"
    reads: str = ""
    writes: str = ""
    side: str = "agent"


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


def shown(value: Any, indent: int | None = None) -> str:
    """A value as JSON text for people."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def fits(tool: Document) -> bool:
    """Whether the form can show the tool; the other view shows any."""
    parameters, errors = tool.get("parameters"), tool.get("errors", [])
    texts = [tool.get(key, "") for key in ("name", "description", "effect", "program")]
    return (
        all(isinstance(text, str) and "\r" not in text for text in texts)
        and _one_line(tool.get("name", ""))
        and isinstance(parameters, dict)
        and isinstance(parameters.get("properties", {}), dict)
        and isinstance(parameters.get("required", []), list)
        and isinstance(tool.get("confirm", False), bool)
        and tool.get("kind", "program") in KINDS
        and tool.get("side", "agent") in SIDES
        and all(_names(tool.get(word, [])) for word in ("reads", "writes"))
        and isinstance(errors, list)
        and all(isinstance(error, dict) and "code" in error for error in errors)
        and all(_one_line(error["code"]) and _one_line(error.get("when", "")) for error in errors)
    )


def _one_line(value: Any) -> bool:
    """Whether a value is a text that a field of one line keeps as it is: browsers drop line breaks there."""
    return isinstance(value, str) and not {"\n", "\r"} & set(value)


def _names(value: Any) -> bool:
    """Whether a value is a list of names that stand between commas."""
    return isinstance(value, list) and all(isinstance(name, str) and NAME.match(name) for name in value)


def fields_of(tool: Document) -> Fields:
    """What the form shows of a tool that ``fits``."""
    parameters = tool["parameters"]
    required = parameters.get("required", [])
    rows = [_row(name, schema, name in required) for name, schema in parameters.get("properties", {}).items()]
    return Fields(
        name=tool.get("name", ""),
        description=tool.get("description", ""),
        effect=tool.get("effect", ""),
        confirm=tool.get("confirm", False),
        only_these=parameters.get("additionalProperties") is False,
        parameters=rows,
        returns=shown(tool["returns"]) if "returns" in tool else "",
        errors=[
            ErrorRow(i, error["code"], error.get("when", ""), shown(error["example"]) if "example" in error else "")
            for i, error in enumerate(tool.get("errors", []))
        ],
        program=tool.get("program", ""),
        kind=tool.get("kind", "program"),
        reads=", ".join(tool.get("reads", [])),
        writes=", ".join(tool.get("writes", [])),
        side=tool.get("side", "agent"),
    )


def _row(name: str, schema: Any, required: bool) -> ParameterRow:
    if not isinstance(schema, dict):
        return ParameterRow(name, name, required=required, kept=shown(schema))
    enum = _enum_text(schema)
    shown_keys = {key for key in PARAMETER_KEYS - {"type", "enum"} if _one_line(schema.get(key))}
    shown_keys |= {"type"} | ({"enum"} if enum is not None else set())
    kept = {key: value for key, value in schema.items() if key not in shown_keys}
    return ParameterRow(
        was=name,
        name=name,
        kind=shown(schema["type"]) if "type" in schema else "",
        required=required,
        enum=enum or "",
        description=schema["description"] if "description" in shown_keys else "",
        ref=schema["ref"] if "ref" in shown_keys else "",
        kept=shown(kept) if kept else "",
        enum_fixed="enum" in schema and enum is None,
    )


def _enum_text(schema: Document) -> str | None:
    """An enum between commas; None when there is none or it cannot be written so and read back."""
    enum = schema.get("enum")
    if not isinstance(enum, list) or not enum:
        return None
    text = ", ".join(value if isinstance(value, str) else shown(value) for value in enum)
    try:
        read = _enum(text, schema.get("type"))
    except ValueError:
        return None
    return text if shown(read) == shown(enum) and _one_line(text) else None


def _enum(text: str, kind: Any) -> list[Any]:
    """Values between commas, as numbers where the type says so. Raises ValueError."""
    parts = [part.strip() for part in text.split(",")]
    if kind == "integer":
        return [int(part) for part in parts if part]
    if kind == "number":
        return [json.loads(part) if re.fullmatch(r"-?\d+", part) else float(part) for part in parts if part]
    return [part for part in parts if part]


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
            _put(schema, "enum", _enum(row.enum, schema.get("type")) or None)
        except ValueError:
            problems.append(Problem(f"{place}-enum", "enum", row.enum))
    for key in ("description", "ref"):
        if _one_line(base.get(key, "")) and getattr(row, key) != base.get(key, ""):
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


def document_of(tool: Document) -> str:
    """The tool without its program, as the other view shows it."""
    return shown({key: value for key, value in tool.items() if key != "program"}, indent=2)


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
