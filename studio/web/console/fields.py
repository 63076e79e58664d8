"""A form for arguments, made from a JSON Schema; and the way back from what was typed to the arguments.

The form is lenient: what does not fit its schema is sent as it was typed, so that the tool's own check answers, as it would answer an
agent. An input left empty is an argument left out. What the form cannot express (another type, an unknown parameter, an empty text) has the
JSON view.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _

PREFIX = "arg."
"""Names of the inputs begin with it, so that no parameter is mistaken for a field of ours."""
MOST_TEXT = 40_000


@dataclass
class Field:
    """One input. ``how`` is text, number, choice or json; ``options`` are (value, label) of a choice, ``keys`` (key, hint) to be
    offered."""

    name: str
    how: str
    kind: str
    required: bool
    help: str
    value: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    ref: str = ""
    keys: Sequence[tuple[str, str]] = ()
    error: str = ""

    @property
    def input(self) -> str:
        """The input's name."""
        return PREFIX + self.name


class BadText(ValueError):
    """Text that is no JSON; the message says where and how to mend it."""


def fields_of(parameters: Mapping[str, Any]) -> list[Field]:
    """The inputs for the parameters of a tool, in the order of its schema."""
    properties = parameters.get("properties", {})
    required = parameters.get("required", [])
    return [_field(name, schema if isinstance(schema, dict) else {}, name in required) for name, schema in properties.items()]


def _field(name: str, schema: Mapping[str, Any], required: bool) -> Field:
    kinds = _kinds(schema)
    made = Field(name, "text", " | ".join(kinds), required, str(schema.get("description", "")), ref=str(schema.get("ref", "")))
    if isinstance(schema.get("enum"), list):
        made.how = "choice"
        made.options = [(_json(value), value if isinstance(value, str) else _json(value)) for value in schema["enum"]]
    elif kinds == ["boolean"]:
        made.how, made.options = "choice", [("true", "true"), ("false", "false")]
    elif {"integer", "number"} & set(kinds):
        made.how = "number"
    elif "string" not in kinds:
        made.how = "json"
    return made


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else [str(kind) for kind in kinds]


def show(fields: Sequence[Field], args: Mapping[str, Any]) -> bool:
    """Put ``args`` into the inputs; False when they cannot express them."""
    for one in fields:
        one.value = _shown(one, args[one.name]) if one.name in args else ""
    return _read(fields) == args


def _shown(one: Field, value: Any) -> str:
    if one.how in ("choice", "json"):
        return _json(value)
    return value if isinstance(value, str) else _json(value)


def read_form(fields: Sequence[Field], data: QueryDict) -> dict[str, Any] | None:
    """The arguments that were typed; None when a field has an ``error``."""
    for one in fields:
        one.value = data.get(one.input, "").replace("\r\n", "\n")[:MOST_TEXT]
    args = _read(fields)
    return None if any(one.error for one in fields) else args


def _read(fields: Sequence[Field]) -> dict[str, Any]:
    args = {}
    for one in fields:
        if one.value == "":
            continue
        try:
            args[one.name] = _value(one)
        except BadText as bad:
            one.error = str(bad)
    return args


def _value(one: Field) -> Any:
    if one.how == "text":
        return one.value
    if one.how == "json":
        return read_json(one.value)
    try:
        value = msgspec.json.decode(one.value)
    except (msgspec.DecodeError, RecursionError):
        return one.value
    return value if one.how == "choice" or (isinstance(value, int | float) and not isinstance(value, bool)) else one.value


def read_json(text: str) -> Any:
    """The value of a JSON text. Raises BadText."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadText(_("This is no JSON: %(why)s. Texts stand in double quotes.") % {"why": error}) from None


def read_arguments(text: str) -> dict[str, Any]:
    """The arguments in the JSON view. Raises BadText."""
    value = read_json(text[:MOST_TEXT] or "{}")
    if not isinstance(value, dict):
        raise BadText(_("Arguments are one JSON object, in braces."))
    return value


def pretty(value: Any) -> str:
    """A value as JSON to be read."""
    return msgspec.json.format(msgspec.json.encode(value)).decode()


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
