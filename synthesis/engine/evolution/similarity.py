"""How alike two tools are, by name, description and parameters; and which are so alike that one of them is needless.

The default measure needs no model: hashed words and letter trigrams, weighted by how rare they are among the tools at hand (TF-IDF),
compared by cosine. Vectors of an embedding endpoint may stand in for the descriptions.
"""

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec

from synthesis.engine.packs.findings import Finding
from synthesis.engine.packs.model import Pack

ALIKE = 0.8
"""From here on two tools are twins. The most alike two of different tools in the starter catalogue, bills of an account, have 0.66."""
BUCKETS = 2**20
SHARES = {"name": 0.35, "description": 0.45, "parameters": 0.2}
_WORD = re.compile(r"[a-z0-9\uac00-\ud7a3]+")
_STOP = re.compile(
    r"\b(?:a|an|and|are|as|at|be|by|can|for|from|has|in|is|it|its|of|on|one|only|or|such|that|the|them|they|this|to|was|when|which|with)\b"
)

Vector = dict[int, float]


class ToolView(msgspec.Struct, frozen=True):
    """A tool as it is compared and shown to authors. ``parameters`` maps names to their descriptions ("" without any); ``embedding`` is the
    vector of its description from an embedding endpoint, or None."""

    domain: str
    name: str
    description: str
    parameters: dict[str, str] = {}
    embedding: tuple[float, ...] | None = None


class Twin(msgspec.Struct, frozen=True):
    """A tool and the one it is too much like; ``alike`` from 0 to 1."""

    tool: ToolView
    other: ToolView
    alike: float


def tools_of(pack: Pack) -> list[ToolView]:
    """The tools of a pack."""
    return [
        ToolView(pack.slug, tool.name, tool.description, described(tool.parameters.get("properties") or {})) for tool in pack.tools.values()
    ]


def described(properties: Mapping[str, object]) -> dict[str, str]:
    """Names and descriptions of the properties of a schema."""
    return {name: str(schema.get("description") or "") if isinstance(schema, dict) else "" for name, schema in properties.items()}


class Likeness:
    """Compares tools. ``known`` are all tools at hand: what many of them say tells little."""

    def __init__(self, known: Iterable[ToolView]) -> None:
        self.tools = list(known)
        self.seen: dict[str, Counter[int]] = {part: Counter() for part in SHARES}
        for tool in self.tools:
            for part, features in _features(tool).items():
                self.seen[part].update(features.keys())
        self.vectors = [self._vectors(tool) for tool in self.tools]

    def alike(self, one: ToolView, other: ToolView) -> float:
        """From 0 (nothing in common) to 1 (the same)."""
        return _alike(one, self._vectors(one), other, self._vectors(other))

    def nearest(self, tool: ToolView, least: float) -> Twin | None:
        """The tool at hand that ``tool`` is most like, itself left out; None when none is as alike as ``least``."""
        found, mine = None, self._vectors(tool)
        for other, theirs in zip(self.tools, self.vectors, strict=True):
            if (other.domain, other.name) == (tool.domain, tool.name):
                continue
            alike = _alike(tool, mine, other, theirs)
            if alike >= least and (found is None or alike > found.alike):
                found = Twin(tool, other, alike)
        return found

    def _vectors(self, tool: ToolView) -> dict[str, Vector]:
        total = len(self.tools) + 1
        return {
            part: {key: count * math.log(1 + total / (1 + self.seen[part][key])) for key, count in features.items()}
            for part, features in _features(tool).items()
        }


def twins_in(tools: Sequence[ToolView], others: Sequence[ToolView], least: float = ALIKE) -> list[Twin]:
    """Those of ``tools`` that are twins of one of ``others`` or of an earlier one among themselves."""
    likeness = Likeness([*others, *tools])
    found = []
    for position, tool in enumerate(tools):
        twin = likeness.nearest(tool, least)
        # Of two twins in one pack the later one is needless.
        if twin and (twin.other.domain != tool.domain or twin.other in tools[:position]):
            found.append(twin)
    return found


def twin_findings(twins: Iterable[Twin]) -> list[Finding]:
    """Findings that name the twin."""
    return [
        Finding(
            f"tools.{twin.tool.name}",
            f"is a near-duplicate of {twin.other.name} of {twin.other.domain} ({twin.alike:.0%} alike): {twin.other.description}",
            "Make it do something of its own, with a name, description and parameters that say so, or drop it and its uses.",
        )
        for twin in twins
    ]


def _alike(one: ToolView, mine: Mapping[str, Vector], other: ToolView, theirs: Mapping[str, Vector]) -> float:
    parts = {part: _cosine(mine[part], theirs[part]) for part in SHARES}
    if one.embedding and other.embedding and len(one.embedding) == len(other.embedding):
        parts["description"] = max(0.0, _cosine(dict(enumerate(one.embedding)), dict(enumerate(other.embedding))))
    return sum(share * parts[part] for part, share in SHARES.items())


def _features(tool: ToolView) -> dict[str, Counter[int]]:
    words = _words(tool.name.replace("_", " "))
    parameters = [word for name, said in tool.parameters.items() for word in (name, *_words(name.replace("_", " ")), *_words(said))]
    said = _words(tool.description)
    return {
        "name": Counter(map(_bucket, [*words, *(letters for word in words for letters in _trigrams(word))])),
        "description": Counter(map(_bucket, [*said, *(f"{one} {two}" for one, two in pairwise(said))])),
        "parameters": Counter(map(_bucket, parameters or ["none"])),
    }


def _words(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(_STOP.sub(" ", text.lower()))]


def _stem(word: str) -> str:
    """Plurals and simple tenses off, so that "cancels bookings" is "cancel booking"."""
    for end in ("ing", "ed", "es", "s"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)]
    return word


def _trigrams(word: str) -> list[str]:
    padded = f"<{word}>"
    return [padded[at : at + 3] for at in range(len(padded) - 2)]


def _bucket(feature: str) -> int:
    return zlib.crc32(feature.encode()) % BUCKETS


def _cosine(one: Mapping[int, float], other: Mapping[int, float]) -> float:
    if not one or not other:
        return 0.0
    shared = sum(weight * other[key] for key, weight in one.items() if key in other)
    return shared / (math.sqrt(sum(w * w for w in one.values())) * math.sqrt(sum(w * w for w in other.values())) or 1.0)
