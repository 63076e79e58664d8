"""Where in the file a finding is: from a place such as ``tools.find_owner.program`` and a line of that program to the line of the file."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from synthesis.engine.packs.findings import Finding, PackError
from synthesis.engine.packs.yaml_text import Document, Path, load

_PROGRAM_LINE = re.compile(r"\bline (\d{1,7}): ")
_CRASHED = " crashed: "
_NAMES = ("name", "id")
"""Keys by which an element of a list is called in a place: tools by name, intents by id."""


def located(findings: Iterable[Finding], text: str) -> list[Finding]:
    """``findings`` of an audit of ``text``, each with its line; those that have one keep it."""
    try:
        document = load(text)
    except PackError:
        return list(findings)
    return [finding if finding.line else msgspec.structs.replace(finding, line=line_of(finding, document)) for finding in findings]


def line_of(finding: Finding, document: Document) -> int:
    """The 1-based line of the file that a finding is about; 0 when it is about the whole."""
    path = path_of(finding.place, document.data)
    inner = _program_line(finding.problem)
    if inner and path in document.blocks:
        return document.blocks[path] + inner - 1
    return document.line(path) if path else 0


def path_of(place: str, data: Any) -> Path:
    """The path in ``data`` that a place names, as far as it leads. Elements of lists are called by position, or by name or id."""
    path: list[str | int] = []
    parts = place.split(".")
    while parts:
        step, parts = _step(data, parts)
        if step is None:
            break
        path.append(step)
        data = data[step]
    return tuple(path)


def _step(data: Any, parts: list[str]) -> tuple[str | int | None, list[str]]:
    """The key or position that leads on from ``data``, and the parts that are left. A key may itself hold dots."""
    if isinstance(data, dict):
        for length in range(1, len(parts) + 1):
            key = ".".join(parts[:length])
            if key in data:
                return key, parts[length:]
    if isinstance(data, list):
        if parts[0].isdecimal() and int(parts[0]) < len(data):
            return int(parts[0]), parts[1:]
        for position, item in enumerate(data):
            if isinstance(item, dict) and parts[0] in {item.get(name) for name in _NAMES if isinstance(item.get(name), str)}:
                return position, parts[1:]
    return None, []


def _program_line(problem: str) -> int:
    """The line of the program that a problem tells of; 0 when it tells of none. What a crash was called with may look like a line too."""
    match = _PROGRAM_LINE.search(problem.rpartition(_CRASHED)[2])
    return int(match[1]) if match else 0
