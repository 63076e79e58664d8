"""YAML read strictly: YAML 1.2 core scalars, no aliases, no tags, no repeated keys, and the line of every value.

PyYAML reads YAML 1.1, where ``no`` is false and ``12:30`` is 750; packs hold times and words, so scalars are resolved here.
"""

import math
import re
from typing import Any, NamedTuple

import yaml

from synthesis.engine.packs.findings import Finding, PackError

MAX_CHARACTERS = 2_000_000
MAX_DEPTH = 64
MOST_EVENTS = 60_000
Path = tuple[str | int, ...]

_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}
_INT = re.compile(r"[-+]?[0-9]+\Z")
_LONGEST_NUMBER = 400
_BLOCKS = {"|", ">"}
_QUOTED = {"'", '"', *_BLOCKS}
_YAML = "tag:yaml.org,2002:"
_PLAIN_TAGS = {"map", "seq", "str", "null", "bool", "int", "float", "timestamp", "value", "merge"}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")


class Document(NamedTuple):
    """``data`` as JSON values; ``lines`` the 1-based line of every path; ``blocks`` the line of the first line of every text that is
    written as a block, such as a program."""

    data: Any
    lines: dict[Path, int]
    blocks: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of ``path`` or of its nearest ancestor that has one; 0 when none."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 0)


def _loader() -> Any:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _refuse(text: str) -> None:
    """Refuse aliases, and depth and number: composing nodes goes as deep as the text, which would end the process, and takes its time."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_loader())):
        if number > MOST_EVENTS:
            raise PackError([Finding("file", f"holds more than {MOST_EVENTS:,} keys, values and brackets.", "Split the domain in two.")])
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH + 1:
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise PackError([Finding("file", f"is nested deeper than {MAX_DEPTH} levels.", "Flatten it.", line)])
        anchor = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent) or anchor:
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise PackError(
                [Finding("file", f"has an anchor or alias (&{anchor}).", "Write the value out in full where it is used.", line)]
            )


def compose(text: str) -> yaml.Node | None:
    """The nodes of one YAML document, with their places; None when it is empty. Raises PackError whose finding names the line."""
    if len(text) > MAX_CHARACTERS:
        raise PackError([Finding("file", f"is longer than {MAX_CHARACTERS:,} characters.", "Split the domain in two.")])
    try:
        _refuse(text)
        return yaml.compose(text, Loader=_loader())
    except PackError:
        raise
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problem = f"is not YAML: {error.problem or error.context}."
        raise PackError(
            [Finding("file", problem, "Mend the line; quote text that holds ': ' or begins with a special character.", line)]
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise PackError(
            [Finding("file", f"is not YAML: {str(error).splitlines()[0]}.", "Save it as UTF-8 text without control characters.")]
        ) from None


def load(text: str) -> Document:
    """Read one YAML document. Raises PackError whose finding names the line."""
    node = compose(text)
    document = Document(None, {}, {})
    return document._replace(data=_value(node, (), document)) if node else document


def value_of(node: yaml.Node) -> Any:
    """The JSON value of a node. Raises PackError."""
    return _value(node, (), Document(None, {}, {}))


def _value(node: yaml.Node, path: Path, document: Document) -> Any:
    line = node.start_mark.line + 1
    document.lines[path] = line
    if len(path) > MAX_DEPTH:
        raise PackError([Finding(place(path[:4]), f"is nested deeper than {MAX_DEPTH} levels.", "Flatten it.", line)])
    if node.tag.removeprefix(_YAML) not in _PLAIN_TAGS:
        raise PackError([Finding(place(path), f"has the tag {node.tag}.", "Remove the tag; a pack holds plain data.", line)])
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), document) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    assert isinstance(node, yaml.ScalarNode)
    if node.style in _BLOCKS:
        document.blocks[path] = line + 1
    return _scalar(node, path)


def _mapping(node: yaml.MappingNode, path: Path, document: Document) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise PackError([Finding(place(path), "has a key that is not plain text.", "Write the key as one word.", line)])
        key = str(key_node.value)
        if key in result:
            raise PackError([Finding(place((*path, key)), "is written twice.", "Keep one of the two.", line)])
        result[key] = _value(value_node, (*path, key), document)
        document.lines[(*path, key)] = line
    return result


def _scalar(node: yaml.ScalarNode, path: Path) -> Any:
    text, line = str(node.value), node.start_mark.line + 1
    if "\x00" in text:
        raise PackError([Finding(place(path), "holds the character NUL.", "Remove it: no database takes it.", line)])
    if node.style in _QUOTED:
        return text
    value = plain_scalar(text) if len(text) < _LONGEST_NUMBER or not _FLOAT.match(text) else math.inf
    if (isinstance(value, int) and not -(2**63) <= value < 2**63) or value in (math.inf, -math.inf):
        raise PackError([Finding(place(path), "is a number beyond 64 bits.", "Write a smaller number, or quote it as text.", line)])
    return value


def plain_scalar(text: str) -> Any:
    """What a text without quotes means."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text


def place(path: Path) -> str:
    """A path as an author reads it: ``tools.0.name``; ``file`` for the top."""
    return ".".join(map(str, path)) or "file"
