"""A tool of a pack as a form shows it; ``tool_from_form`` leads back. Form and document are two views of one thing.

The form names the parts that most tools consist of. What it cannot express (other keywords, nested schemas, ``oneOf``) stays in ``base``,
the document as it was when the form was drawn, and goes into the result unchanged. ``tool_of(tool, fields_of(tool))`` is ``tool``.
"""

import json
import re
from typing import Any

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


def shown(value: Any, indent: int | None = None) -> str:
    """A value as JSON text for people."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def fits(tool: Document) -> bool:
    """Whether the form can show the tool; the other view shows any."""
    parameters, errors = tool.get("parameters"), tool.get("errors", [])
    texts = [tool.get(key, "") for key in ("name", "description", "effect", "program")]
    return (
        all(isinstance(text, str) and "\r" not in text for text in texts)
        and one_line(tool.get("name", ""))
        and isinstance(parameters, dict)
        and isinstance(parameters.get("properties", {}), dict)
        and isinstance(parameters.get("required", []), list)
        and isinstance(tool.get("confirm", False), bool)
        and tool.get("kind", "program") in KINDS
        and tool.get("side", "agent") in SIDES
        and all(_names(tool.get(word, [])) for word in ("reads", "writes"))
        and isinstance(errors, list)
        and all(isinstance(error, dict) and "code" in error for error in errors)
        and all(one_line(error["code"]) and one_line(error.get("when", "")) for error in errors)
    )


def one_line(value: Any) -> bool:
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
    shown_keys = {key for key in PARAMETER_KEYS - {"type", "enum"} if one_line(schema.get(key))}
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
        read = enum_values(text, schema.get("type"))
    except ValueError:
        return None
    return text if shown(read) == shown(enum) and one_line(text) else None


def enum_values(text: str, kind: Any) -> list[Any]:
    """Values between commas, as numbers where the type says so. Raises ValueError."""
    parts = [part.strip() for part in text.split(",")]
    if kind == "integer":
        return [int(part) for part in parts if part]
    if kind == "number":
        return [json.loads(part) if re.fullmatch(r"-?\d+", part) else float(part) for part in parts if part]
    return [part for part in parts if part]


def document_of(tool: Document) -> str:
    """The tool without its program, as the other view shows it."""
    return shown({key: value for key, value in tool.items() if key != "program"}, indent=2)
