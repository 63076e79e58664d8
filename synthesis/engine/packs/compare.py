"""What differs between two texts of a pack: line by line, and in words."""

import difflib
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from synthesis.engine.packs.findings import PackError
from synthesis.engine.packs.yaml_text import load

CONTEXT = 3
MOST_LINES = 20_000
"""Of either text; comparing longer ones line by line takes too long."""


class Change(msgspec.Struct, frozen=True):
    """One thing that is ``added``, ``removed`` or ``changed``: what kind of thing, its name, and for changes the keys that differ."""

    kind: str
    name: str
    how: Literal["added", "removed", "changed"]
    keys: list[str] = []


class Line(msgspec.Struct, frozen=True):
    """One line of a comparison. ``kind``: same, added, removed, or gap (lines left out). Numbers are 0 where a text has no such line."""

    kind: Literal["same", "added", "removed", "gap"]
    old: int
    new: int
    text: str


def lines(old: str, new: str) -> list[Line] | None:
    """The differing lines with a few around them; [] when there are none, None when the texts are too long to compare."""
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > MOST_LINES:
        return None
    found: list[Line] = []
    for group in difflib.SequenceMatcher(None, before, after, autojunk=len(before) > 5_000).get_grouped_opcodes(CONTEXT):
        if found or group[0][1] > 0:
            found.append(Line("gap", 0, 0, ""))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                found += [Line("same", i1 + n + 1, j1 + n + 1, text) for n, text in enumerate(before[i1:i2])]
            else:
                found += [Line("removed", i1 + n + 1, 0, text) for n, text in enumerate(before[i1:i2])]
                found += [Line("added", 0, j1 + n + 1, text) for n, text in enumerate(after[j1:j2])]
    return found


def changes(old: str, new: str) -> list[Change] | None:
    """What changed, in the order of a pack; None when one of the texts cannot be read."""
    try:
        before, after = load(old).data, load(new).data
    except PackError:
        return None
    if not isinstance(before, dict) or not isinstance(after, dict):
        return None
    found: list[Change] = []
    for section, named in SECTIONS.items():
        found += _compared(section, named(before.get(section)), named(after.get(section)))
    rest = [key for key in dict.fromkeys([*before, *after]) if key not in SECTIONS and before.get(key) != after.get(key)]
    return found + [Change("file", key, _how(key in before, key in after)) for key in rest]


def _compared(kind: str, before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    return [
        Change(kind, name, _how(name in before, name in after), _keys(before.get(name), after.get(name)))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _how(was: bool, now: bool) -> Literal["added", "removed", "changed"]:
    return "changed" if was and now else "added" if now else "removed"


def _keys(before: Any, after: Any) -> list[str]:
    """Which entries of two mappings differ."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    return [key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)]


def _by(key: str) -> Callable[[Any], dict[str, Any]]:
    def named(items: Any) -> dict[str, Any]:
        items = items if isinstance(items, list) else []
        return {str(item.get(key, "")): item for item in items if isinstance(item, dict)}

    return named


def _mapped(items: Any) -> dict[str, Any]:
    return items if isinstance(items, dict) else {}


SECTIONS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "policy": _by("rule"),
    "checks": _mapped,
    "tables": _mapped,
    "tools": _by("name"),
    "intents": _by("id"),
}
"""Sections whose entries have names. A rule is named by its words: another wording is another rule."""
