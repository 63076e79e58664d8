"""A plain value of a JSON Schema: the smallest that fits, with what the schema itself suggests. Deterministic."""

import re
import re._parser as parser  # type: ignore[import-not-found]  # how the standard library reads a pattern
from typing import Any

from synthesis.engine.world.values import validator_of

FORMATS = {
    "date": "2026-01-15",
    "date-time": "2026-01-15T09:30:00Z",
    "time": "09:30:00Z",
    "email": "fake@example.org",
    "uri": "https://example.org/fake",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "192.0.2.1",
}
MOST = 64
"""Depth beyond which a schema is taken to refer to itself."""


class NoValue(ValueError):
    """No value of this schema could be made."""


def instance_of(schema: dict[str, Any]) -> Any:
    """A value that fits ``schema``. Raises NoValue where this simple way finds none."""
    value = _made(schema, schema, "", 0)
    if not validator_of(schema).is_valid(value):
        raise NoValue(f"{value!r} does not fit")
    return value


def _made(schema: Any, root: dict[str, Any], name: str, depth: int) -> Any:
    if schema is True or schema == {}:
        return name or "fake"
    if schema is False or depth > MOST:
        raise NoValue(f"nothing fits {name}")
    if "$ref" in schema:
        return _made(_referred(schema["$ref"], root), root, name, depth + 1)
    if suggestions := [schema[one] for one in ("const", "default") if one in schema] + [
        *schema.get("enum", []),
        *schema.get("examples", []),
    ]:
        return suggestions[0]
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return _first(schema, several, root, name, depth)
    if "allOf" in schema:
        whole = {key: value for key, value in schema.items() if key != "allOf"}
        return _made(_merged([whole, *schema["allOf"]]), root, name, depth + 1)
    return _typed(schema, root, name, depth)


def _first(schema: dict[str, Any], several: str, root: dict[str, Any], name: str, depth: int) -> Any:
    rest = {key: value for key, value in schema.items() if key != several}
    for choice in schema[several]:
        try:
            return _made(_merged([rest, choice]), root, name, depth + 1)
        except NoValue:
            continue
    raise NoValue(f"no choice of {name} fits")


def _merged(parts: list[Any]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in parts:
        if part is False:
            raise NoValue("nothing fits")
        for key, value in ({} if part is True else part).items():
            if key == "properties":
                whole[key] = {**whole.get(key, {}), **value}
            elif key == "required":
                whole[key] = [*whole.get(key, []), *value]
            else:
                whole[key] = value
    return whole


def _referred(reference: str, root: dict[str, Any]) -> Any:
    found: Any = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        if step:
            found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def _typed(schema: dict[str, Any], root: dict[str, Any], name: str, depth: int) -> Any:
    kind = schema.get("type") or ("object" if "properties" in schema else "array" if "items" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        given = schema.get("properties") or {}
        names = [*dict.fromkeys([*schema.get("required", []), *given])]
        return {one: _made(given.get(one, True), root, one, depth + 1) for one in names if one in schema.get("required", []) or depth < 2}
    if kind == "array":
        first = [_made(item, root, name, depth + 1) for item in schema.get("prefixItems", [])]
        more = max(int(schema.get("minItems", 1 if depth < 2 else 0)) - len(first), 0)
        return first + [_made(schema.get("items", True), root, name, depth + 1) for _ in range(more)]
    if kind in {"integer", "number"}:
        return _number(schema, whole=kind == "integer")
    return {"boolean": True, "null": None}[kind] if kind != "string" else _text(schema, name)


def _number(schema: dict[str, Any], *, whole: bool) -> float:
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0 if schema.get("maximum", 1) >= 0 else schema["maximum"]))
    step = schema.get("multipleOf", 1 if whole else 0.5)
    value = low + (step if "exclusiveMinimum" in schema else 0)
    value = value if value % step == 0 else (value // step + 1) * step
    return int(value) if whole else value


def _text(schema: dict[str, Any], name: str) -> str:
    if "format" in schema and schema["format"] in FORMATS:
        return FORMATS[schema["format"]]
    if "pattern" in schema:
        return "".join(_matching(parser.parse(schema["pattern"])))
    text = f"fake {name.replace('_', ' ')}".strip()
    text += "." * (int(schema.get("minLength", 0)) - len(text))
    return text[: int(schema.get("maxLength", len(text)))]


def _matching(parts: Any) -> list[str]:
    """A text that a parsed pattern matches: the first choice everywhere, as few repetitions as allowed."""
    text: list[str] = []
    for operation, argument in parts:
        name = str(operation)
        if name == "LITERAL":
            text.append(chr(argument))
        elif name == "NOT_LITERAL":
            text.append("x" if argument != ord("x") else "y")
        elif name == "ANY":
            text.append("x")
        elif name == "IN":
            text.append(_one_of(argument))
        elif name in {"MAX_REPEAT", "MIN_REPEAT"}:
            text += _matching(argument[2]) * max(argument[0], min(1, argument[1]))
        elif name == "SUBPATTERN":
            text += _matching(argument[3])
        elif name == "BRANCH":
            text += _matching(argument[1][0])
        elif name != "AT":
            raise NoValue(f"patterns with {name} are beyond this")
    return text


def _one_of(choices: Any) -> str:
    names = {str(operation) for operation, _ in choices}
    if "NEGATE" in names:
        pattern = [choices]
        return next(one for one in "xX0-_ " if not any(_holds(choice, one) for choice in pattern[0][1:]))
    operation, argument = choices[0]
    if str(operation) == "RANGE":
        return chr(argument[0])
    return {"CATEGORY_DIGIT": "0", "CATEGORY_SPACE": " "}.get(str(argument), "x") if str(operation) == "CATEGORY" else chr(argument)


def _holds(choice: Any, one: str) -> bool:
    operation, argument = choice
    if str(operation) == "RANGE":
        return bool(argument[0] <= ord(one) <= argument[1])
    if str(operation) == "CATEGORY":
        return bool(re.fullmatch({"CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s"}.get(str(argument), r"\w"), one))
    return bool(argument == ord(one))
