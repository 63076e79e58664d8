"""A number with how many it rests on and its interval, or the reason why there is none."""

from typing import Literal

import msgspec

Why = Literal["no_labels", "no_pairs", "one_class", "not_enough", "no_better_than_chance", "not_reached", "too_few_plays"]

WORDS: dict[Why, str] = {
    "no_labels": "nothing to compare",
    "no_pairs": "no item was answered twice",
    "one_class": "one class",
    "not_enough": "not enough reviews",
    "no_better_than_chance": "no better than chance",
    "not_reached": "not reached",
    "too_few_plays": "too few plays",
}
"""What people read where there is no number."""


class Estimate(msgspec.Struct, frozen=True, tag="estimate"):
    """``value`` rests on ``n`` items; ``low`` to ``high`` is its 95 % interval, None where none is known."""

    value: float
    n: int
    low: float | None = None
    high: float | None = None


class Silence(msgspec.Struct, frozen=True, tag="silence"):
    """No number can be given of ``n`` items; ``why`` names the reason."""

    why: Why
    n: int = 0

    @property
    def words(self) -> str:
        """The reason, for people."""
        return WORDS[self.why]


Result = Estimate | Silence


def value_of(result: Result) -> float | None:
    """The number, where there is one."""
    return result.value if isinstance(result, Estimate) else None
