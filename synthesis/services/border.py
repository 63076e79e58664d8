"""The border between the engine and the database: what is written there is clean JSON.

PostgreSQL refuses NUL and lone surrogates, JSON has no NaN and no infinities; an event with one of them must not be lost for it.
"""

import math
from typing import Any, NamedTuple

import msgspec

MAX_DEPTH = 64
MAX_BYTES = 256 * 1024
REPLACEMENT = "\ufffd"


class Clean(NamedTuple):
    """A value that any of our databases takes, and how many places had to be changed."""

    value: Any
    changes: int


def clean_text(text: str) -> str:
    """``text`` with NUL and lone surrogates as U+FFFD."""
    if text.isascii():
        return text.replace("\x00", REPLACEMENT)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", REPLACEMENT)


def clean_json(value: Any) -> Clean:
    """``value`` with clean texts, NaN and infinities as null, integers beyond 64 bits as text, and nothing nested deeper than MAX_DEPTH
    (null there)."""
    cleaner = _Cleaner()
    return Clean(cleaner.clean(value, 0), cleaner.changes)


class _Cleaner:
    def __init__(self) -> None:
        self.changes = 0

    def clean(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, float):
            return value if math.isfinite(value) else self._changed(None)
        if not isinstance(value, dict | list | tuple):
            return self._changed(str(value)) if isinstance(value, int) and not -(2**63) <= value < 2**63 else value
        if depth >= MAX_DEPTH:
            return self._changed(None)
        if isinstance(value, dict):
            return {self._text(key): self.clean(item, depth + 1) for key, item in value.items()}
        return [self.clean(item, depth + 1) for item in value]

    def _text(self, text: str) -> str:
        clean = clean_text(text)
        return text if clean == text else self._changed(clean)

    def _changed(self, value: Any) -> Any:
        self.changes += 1
        return value


def encode_payload(payload: dict[str, Any]) -> str:
    """An event's payload as the JSON text that is stored.

    Places that had to be changed are counted under ``cleaned``. A payload beyond MAX_BYTES keeps its short values; the long ones are
    named under ``cut``.
    """
    clean, changes = clean_json(payload)
    if changes:
        clean["cleaned"] = changes
    encoded = msgspec.json.encode(clean)
    if len(encoded) > MAX_BYTES:
        encoded = msgspec.json.encode(_cut(clean))
    return encoded.decode()


def _cut(payload: dict[str, Any]) -> dict[str, Any]:
    sizes = {key: len(msgspec.json.encode(value)) for key, value in payload.items()}
    kept = {key: value for key, value in payload.items() if sizes[key] <= MAX_BYTES // 16}
    return kept | {"cut": [key for key in payload if key not in kept]}
