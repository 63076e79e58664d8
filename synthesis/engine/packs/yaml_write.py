"""JSON values as YAML that a person likes to read, in the manner of the starter packs.

Texts of several lines are blocks, small things stand on one line. What is written reads back as the same value through ``yaml_text``.
"""

import json
import re
from typing import Any

from synthesis.engine.packs.yaml_text import plain_scalar

WIDEST = 150
"""Columns up to which a list or mapping stands on one line."""
STEP = 2

_PLAIN = re.compile(r"[A-Za-z_\uac00-\ud7a3][\w .()/+%$~^\uac00-\ud7a3-]*\Z")
"""Texts that need no quotes anywhere, also inside brackets: none of the characters that YAML gives a meaning."""
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_BREAKS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
"""What a block cannot hold: other line breaks than ours, and characters that YAML refuses."""


def entry(key: str, value: Any, indent: int) -> str:
    """``key: value``, its first line without indentation, the others at ``indent`` and deeper; no line break at the end."""
    return f"{scalar(key)}:{_after(value, indent)}"


def mapping(data: dict[str, Any], indent: int) -> str:
    """The entries of a mapping, one below the other."""
    return ("\n" + " " * indent).join(entry(key, value, indent) for key, value in data.items())


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(str(key))}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """A single value: plain where that cannot be misread, else in double quotes."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.match(value) and not value.endswith(" ") and plain_scalar(value) == value and "  " not in value:
        return value
    return _UNPRINTABLE.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _after(value: Any, indent: int) -> str:
    """What stands after the colon of a key at ``indent``."""
    if isinstance(value, str) and "\n" in value and not _BREAKS.search(value):
        return " " + _block(value, indent + STEP)
    line = flow(value)
    if not isinstance(value, dict | list) or not value or (len(line) + indent <= WIDEST and not _several_lines(value)):
        return " " + line
    inner = "\n" + " " * (indent + STEP)
    if isinstance(value, dict):
        return inner + mapping({str(key): item for key, item in value.items()}, indent + STEP)
    return "".join(inner + "- " + _item(item, indent + 2 * STEP) for item in value)


def _item(value: Any, indent: int) -> str:
    """An element of a list, after its dash."""
    line = flow(value)
    if isinstance(value, dict) and value and (len(line) + indent > WIDEST or _several_lines(value)):
        return mapping({str(key): item for key, item in value.items()}, indent)
    return line


def _several_lines(value: Any) -> bool:
    """Whether a text with line breaks is inside."""
    if isinstance(value, dict):
        return any(_several_lines(item) for item in value.values())
    if isinstance(value, list):
        return any(_several_lines(item) for item in value)
    return isinstance(value, str) and "\n" in value


def _block(text: str, indent: int) -> str:
    """A literal block: its header, then the lines of ``text``."""
    body = text.rstrip("\n")
    breaks = len(text) - len(body)
    if not body:
        return scalar(text)
    chomp = "-" if breaks == 0 else "" if breaks == 1 else "+"
    lines = body.split("\n") + [""] * (breaks - 1 if breaks > 1 else 0)
    # A first line that begins with a space or is empty would be taken for the indentation.
    explicit = str(STEP) if body.startswith((" ", "\n", "\t")) else ""
    return f"|{explicit}{chomp}\n" + "\n".join(" " * indent + line if line else "" for line in lines)
