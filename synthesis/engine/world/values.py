"""The border through which values enter: size, depth and numbers of results; schemas of arguments and rows."""

from typing import Any

import jsonschema_rs
import msgspec

MAX_RESULT = 256 * 1024
"""Characters of JSON that one program may return."""
MAX_DEPTH = 32
INT64 = 1 << 63


class BadValue(ValueError):
    """A result that may not cross; the text says why and how to mend the program."""


def decode_result(text: str) -> Any:
    """The JSON value of a program's result. Raises BadValue."""
    if len(text) > MAX_RESULT:
        raise BadValue(f"returned {len(text):,} characters; the limit is {MAX_RESULT:,}: return fewer rows or columns")
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise BadValue("returned a value that is not JSON: NaN, infinity or nesting without end") from None
    check_value(value)
    return value


def check_value(value: Any, depth: int = 0) -> None:
    """Raise BadValue when ``value`` is nested too deep or holds an integer beyond 64 bits or a non-finite number."""
    if depth > MAX_DEPTH:
        raise BadValue(f"returned a value nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        for item in value.values():
            check_value(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            check_value(item, depth + 1)
    elif isinstance(value, int) and not isinstance(value, bool) and not -INT64 <= value < INT64:
        raise BadValue("returned an integer beyond 64 bits")
    elif isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        raise BadValue("returned NaN or infinity")


def validator_of(schema: dict[str, Any]) -> Any:
    """A compiled validator of ``schema``; its patterns run in linear time, since packs come from anywhere."""
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=jsonschema_rs.RegexOptions())
