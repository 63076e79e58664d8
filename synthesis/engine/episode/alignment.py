"""Two plays side by side: their calls aligned, so that one sees where they part."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

Kind = Literal["same", "arguments", "left", "right"]
MOST_CELLS = 250_000
"""Above this many pairs, calls are aligned by position: a play of thousands of calls is no longer compared call by call."""


class Step(msgspec.Struct, frozen=True):
    """One call as it is compared. ``outcome`` is its result or error; ``seq`` the event of its message, ``result_seq`` its result's;
    ``own``: the user made it on its own side.
    """

    seq: int
    name: str
    arguments: Any
    outcome: Any = None
    result_seq: int | None = None
    own: bool = False


class Pair(msgspec.Struct, frozen=True):
    """One row of the comparison. ``kind``: same call, same tool with other arguments, only left, only right; ``agrees``: same outcome."""

    kind: Kind
    left: Step | None
    right: Step | None
    agrees: bool = True

    @property
    def parts(self) -> bool:
        """Whether the plays differ here."""
        return self.kind != "same" or not self.agrees


def aligned(left: Sequence[Step], right: Sequence[Step]) -> list[Pair]:
    """Both plays' calls in order, matched so that most is alike: the same call counts two, the same tool one."""
    start = 0
    while start < min(len(left), len(right)) and _score(left[start], right[start]) == 2:
        start += 1
    pairs = [_pair(a, b) for a, b in zip(left[:start], right[:start], strict=True)]
    left, right = left[start:], right[start:]
    if len(left) * len(right) > MOST_CELLS:
        return pairs + _by_position(left, right)
    return pairs + _best(left, right)


def _score(a: Step, b: Step) -> int:
    return 0 if a.name != b.name else 2 if a.arguments == b.arguments else 1


def _pair(a: Step, b: Step) -> Pair:
    return Pair("same" if a.arguments == b.arguments else "arguments", a, b, a.outcome == b.outcome)


def _best(left: Sequence[Step], right: Sequence[Step]) -> list[Pair]:
    """The alignment of the highest score: the usual table, read back from its end."""
    table = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i, a in enumerate(left, 1):
        for j, b in enumerate(right, 1):
            score = _score(a, b)
            table[i][j] = max(table[i - 1][j], table[i][j - 1], table[i - 1][j - 1] + score if score else 0)
    i, j, found = len(left), len(right), list[Pair]()
    while i or j:
        score = _score(left[i - 1], right[j - 1]) if i and j else 0
        if score and table[i][j] == table[i - 1][j - 1] + score:
            i, j = i - 1, j - 1
            found.append(_pair(left[i], right[j]))
        elif j and table[i][j] == table[i][j - 1]:
            j -= 1
            found.append(Pair("right", None, right[j]))
        else:
            i -= 1
            found.append(Pair("left", left[i], None))
    return found[::-1]


def _by_position(left: Sequence[Step], right: Sequence[Step]) -> list[Pair]:
    pairs: list[Pair] = []
    for position in range(max(len(left), len(right))):
        a = left[position] if position < len(left) else None
        b = right[position] if position < len(right) else None
        if a and b and a.name == b.name:
            pairs.append(_pair(a, b))
        else:
            pairs += [Pair("left", a, None)] if a else []
            pairs += [Pair("right", None, b)] if b else []
    return pairs
