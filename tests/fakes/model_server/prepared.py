"""Answers prepared beforehand: a provider that looks them up costs little, so that a benchmark measures the studio and not its provider.

A first run is recorded, and the same run in a fresh database gets the same keys and so the same answers. A key is model, role, episode and
the number of messages, found without parsing the body.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

MODEL = re.compile(rb'"model":\s*"((?:[^"\\]|\\.)*)"')
ROLE = b'"role":'
"""In a body it counts messages: within their texts its quotation marks have backslashes before them."""


def key_of(headers: Mapping[str, str], body: bytes) -> str:
    """What an answer is kept under. Header names are lower case."""
    model = MODEL.search(body)
    named = model[1].decode() if model else ""
    return f"{named}|{headers.get('x-studio-role', '')}|{headers.get('x-studio-episode', '')}|{body.count(ROLE)}"


class Prepared:
    """Bodies of completions by key, in a file of one JSON pair a line."""

    def __init__(self, path: Path, *, record: bool) -> None:
        self.path = path
        self.answers: dict[str, bytes] = {}
        self.hits = self.misses = 0
        self.file = path.open("ab") if record else None
        if not record:
            with path.open("rb") as lines:
                self.answers = {key: answer.encode() for key, answer in (msgspec.json.decode(line) for line in lines)}

    def find(self, key: str) -> bytes | None:
        """The prepared answer, or None."""
        found = self.answers.get(key)
        if found is None:
            self.misses += 1
        else:
            self.hits += 1
        return found

    def keep(self, key: str, answer: bytes) -> None:
        """Record an answer, where that was asked for."""
        if self.file:
            self.file.write(msgspec.json.encode([key, answer.decode()]) + b"\n")
            self.file.flush()
