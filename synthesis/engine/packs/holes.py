"""Holes: ``{path}`` and ``{path:kind}`` in pack templates.

``{pet.name}`` walks bound values by name; a number indexes a list (``{rows.0.id}``). ``{{`` and ``}}`` are literal braces.
A template that is one single hole keeps the type of its value; otherwise values are joined as text.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

HOLE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)(?::([a-z]+))?\}")


class MissingValue(KeyError):
    """A hole names something that is not bound. ``args[0]`` is the path."""


class Hole(NamedTuple):
    """One hole: its dotted ``path`` and its ``kind`` (None when not given)."""

    path: str
    kind: str | None


def holes(template: str) -> Iterator[Hole]:
    """The holes of ``template`` in order."""
    for match in HOLE.finditer(template):
        if match[1]:
            yield Hole(match[1], match[2])


def leaves(value: Any) -> Iterator[Any]:
    """The scalars in a JSON value."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def lookup(scope: Mapping[str, Any], path: str) -> Any:
    """The value at ``path``. Raises MissingValue when a part is absent."""
    value: Any = scope
    for part in path.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            raise MissingValue(path)
    return value


def single_hole(template: str) -> Hole | None:
    """The hole when ``template`` is exactly one hole, else None."""
    match = HOLE.fullmatch(template)
    return Hole(match[1], match[2]) if match and match[1] else None


def resolve(template: Any, scope: Mapping[str, Any], keep: frozenset[str] = frozenset()) -> Any:
    """Fill the holes of ``template`` (any JSON value, at every depth) with raw values from ``scope``.

    Holes whose first name is in ``keep`` stay as they are. Raises MissingValue for an unbound hole.
    """
    if isinstance(template, dict):
        return {key: resolve(value, scope, keep) for key, value in template.items()}
    if isinstance(template, list):
        return [resolve(value, scope, keep) for value in template]
    if not isinstance(template, str) or "{" not in template:
        return template
    whole = single_hole(template)
    if whole:
        return template if whole.path.split(".")[0] in keep else lookup(scope, whole.path)

    def put(match: re.Match[str]) -> str:
        if not match[1]:
            return match[0][0]
        return match[0] if match[1].split(".")[0] in keep else str(lookup(scope, match[1]))

    return HOLE.sub(put, template)
