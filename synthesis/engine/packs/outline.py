"""The parts of a pack's text with their lines, for finding one's way. Read line by line, so that it also works while the text is broken."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOP = re.compile(r"([A-Za-z_][\w-]*):(\s|$)")
_KEY = re.compile(r"(  ?)([A-Za-z_][\w-]*):(\s|$)")
_ITEM = re.compile(r"\s{0,4}-\s+(name|id):\s*[\"']?([\w-]+)")
_KEYED = frozenset({"tables", "checks"})
_LISTED = {"tools": "name", "intents": "id"}
SECTIONS = ("policy", "checks", "tables", "seed", "invariants", "helpers", "tools", "intents")
"""What is worth going to; the other entries are single lines on top."""
MOST = 2_000


class Part(NamedTuple):
    """A part of the text: a section (``depth`` 0) or one of its entries (1), and the 1-based line where it begins."""

    section: str
    name: str
    line: int
    depth: int


def outline(text: str) -> list[Part]:
    """The parts in order, MOST at most."""
    found = []
    for part in _parts(text):
        found.append(part)
        if len(found) >= MOST:
            break
    return found


def _parts(text: str) -> Iterator[Part]:
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        top = _TOP.match(line)
        if top:
            section = top[1]
        if top and section in SECTIONS:
            yield Part(section, section, number, 0)
        elif section in _KEYED and (key := _KEY.match(line)):
            yield Part(section, key[2], number, 1)
        elif section in _LISTED and (item := _ITEM.match(line)) and item[1] == _LISTED[section]:
            yield Part(section, item[2], number, 1)
