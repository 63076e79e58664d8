"""Changing one part of a pack's text and nothing else: comments, order and quotes elsewhere stay as their author wrote them.

An element of a list (a tool, a rule) is compared with what it should become, key by key; only keys that differ are written anew. What comes
out is read back and compared, so that an edit either means exactly what was asked for or is refused.
"""

from collections.abc import Callable
from typing import Any

import yaml

from synthesis.engine.packs import yaml_write
from synthesis.engine.packs.findings import PackError
from synthesis.engine.packs.yaml_text import compose, load, value_of

Entries = dict[str, Any]
Splice = Callable[[str], str]


class CannotEdit(ValueError):
    """The text is laid out in a way that only its author can change; the message says why and what to do."""


def item_update(text: str, section: str, position: int, value: Entries) -> str:
    """Make element ``position`` of the list ``section`` mean ``value``. Raises CannotEdit, PackError."""
    wanted = _items(text, section)
    if wanted[position] == value:
        return text
    wanted[position] = value
    node = _nodes(text, section)[position]
    return _first_fitting(text, section, wanted, [lambda t: _entries_update(t, node, value), lambda t: _rewritten(t, node, value)])


def item_add(text: str, section: str, value: Entries) -> str:
    """Add an element at the end of the list ``section``. Raises CannotEdit, PackError."""
    wanted = [*_items(text, section), value]

    def add(text: str) -> str:
        last = _nodes(text, section)[-1]
        dash = _dash(text, last)
        indent = dash - _line_start(text, dash)
        end = _line_end(text, _end(text, last))
        body = yaml_write.mapping(value, indent + yaml_write.STEP)
        return f"{_closed(text[:end])}{' ' * indent}- {body}\n{text[end:]}"

    return _first_fitting(text, section, wanted, [add])


def item_copy(text: str, section: str, position: int, changes: Entries) -> str:
    """Put a copy of an element, comments and all, with ``changes`` below it. Raises CannotEdit, PackError."""
    wanted = _items(text, section)
    value = wanted[position] | changes
    wanted.insert(position + 1, value)

    def copy(text: str) -> str:
        start, end = _whole(text, _nodes(text, section)[position])
        head = _closed(text[:end])
        return _entries_update(copied := head + text[start:end] + text[end:], _nodes(copied, section)[position + 1], value)

    return _first_fitting(text, section, wanted, [copy])


def item_remove(text: str, section: str, position: int) -> str:
    """Take an element out. Raises CannotEdit (also for the last one), PackError."""
    wanted = _items(text, section)
    if len(wanted) == 1:
        raise CannotEdit(f"It is the only one under {section}, and a pack needs one. Add another first.")
    del wanted[position]

    def remove(text: str) -> str:
        start, end = _whole(text, _nodes(text, section)[position])
        return text[:start] + text[end:]

    return _first_fitting(text, section, wanted, [remove])


def top_update(text: str, changes: Entries) -> str:
    """Change or add entries of the file itself, such as its name; None takes one out. Raises CannotEdit, PackError."""
    data = load(text).data
    if not isinstance(data, dict):
        raise CannotEdit("The file is not a mapping: mend it in the text.")
    wanted = {key: value for key, value in (data | changes).items() if value is not None}
    if wanted == data:
        return text
    node = compose(text)
    assert node is not None
    made = _entries_update(text, node, wanted)
    if _same(_read(made), wanted):
        return made
    raise CannotEdit("The text is laid out in a way that a form cannot change; change it in the text.")


def _first_fitting(text: str, section: str, wanted: list[Entries], ways: list[Splice]) -> str:
    """The text by the first of ``ways`` after which the whole file means what it should."""
    data = load(text).data | {section: wanted}
    for way in ways:
        try:
            made = way(text)
        except CannotEdit:
            continue
        if _same(_read(made), data):
            return made
    raise CannotEdit(f"{section} is laid out in a way that a form cannot change: write it with a dash and a line break for each entry.")


def _read(text: str) -> Any:
    try:
        return load(text).data
    except PackError:
        return None


def _same(one: Any, other: Any) -> bool:
    """Equal in value and in kind: 1 is neither 1.0 nor true."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _items(text: str, section: str) -> list[Entries]:
    data = load(text).data
    items = data.get(section) if isinstance(data, dict) else None
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise CannotEdit(f"{section} is not a list of entries: mend it in the text.")
    return list(items)


def _nodes(text: str, section: str) -> list[yaml.Node]:
    root = compose(text)
    assert isinstance(root, yaml.MappingNode)
    return list(next(value for key, value in root.value if key.value == section).value)


def _entries_update(text: str, node: yaml.Node, value: Entries) -> str:
    """A mapping whose entries differ from ``value`` rewritten entry by entry, from the last to the first so that places stay right."""
    if not isinstance(node, yaml.MappingNode) or node.flow_style or not node.value:
        raise CannotEdit("not laid out as a block")
    column = node.start_mark.column
    known = {key.value: (key, inner) for key, inner in node.value}
    added = [yaml_write.entry(key, value[key], column) for key in value if key not in known]
    if added:
        last = node.value[-1][1]
        end = _line_end(text, _end(text, last))
        text = _closed(text[:end]) + "".join(f"{' ' * column}{line}\n" for line in added) + text[end:]
    for key, inner in reversed(node.value):
        if key.value not in value:
            text = _without(text, key, inner)
        elif not _same(value_of(inner), value[key.value]):
            text = _with(text, key, inner, yaml_write.entry(key.value, value[key.value], column))
    return text


def _with(text: str, key: yaml.Node, value: yaml.Node, entry: str) -> str:
    """``entry`` in place of what stands there. A remark behind it stays, unless it would become part of a block."""
    start, end = key.start_mark.index, _end(text, value)
    if "\n" in entry:
        end = _line_end(text, end, before_break=True)
    return text[:start] + entry + text[end:]


def _without(text: str, key: yaml.Node, value: yaml.Node) -> str:
    start = _line_start(text, key.start_mark.index)
    if text[start : key.start_mark.index].strip():
        raise CannotEdit("the entry stands behind something else on its line")
    return text[:start] + text[_line_end(text, _end(text, value)) :]


def _rewritten(text: str, node: yaml.Node, value: Entries) -> str:
    """The whole element anew."""
    end = _line_end(text, _end(text, node), before_break=True)
    return text[: node.start_mark.index] + yaml_write.mapping(value, node.start_mark.column) + text[end:]


def _whole(text: str, node: yaml.Node) -> tuple[int, int]:
    """From the line of an element's dash to the end of its last line."""
    return _line_start(text, _dash(text, node)), _line_end(text, _end(text, node))


def _dash(text: str, node: yaml.Node) -> int:
    """Where the dash of an element stands; nothing but spaces may be before it on its line."""
    dash = text.rfind("-", 0, node.start_mark.index)
    if dash < 0 or text[_line_start(text, dash) : dash].strip(" "):
        raise CannotEdit("no dash of its own")
    return dash


def _end(text: str, node: yaml.Node) -> int:
    """Where a node really ends: collections in blocks are told to end where the next thing begins, blocks of text after empty lines."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    end = node.end_mark.index
    while end > node.start_mark.index and text[end - 1] in "\n ":
        end -= 1
    return end


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int, before_break: bool = False) -> int:
    """Behind the line break that ends the line of ``index``, or before it; the end of the text when there is none."""
    end = text.find("\n", index)
    return len(text) if end < 0 else end if before_break else end + 1


def _closed(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
