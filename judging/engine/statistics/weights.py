"""How much two answers on one scale agree, 0 to 1: weights of kappa and of Gwet's coefficients.

Weights go by the place of a category on its scale, so the categories must be given in order and whole.
"""

from collections.abc import Callable, Sequence
from math import comb
from typing import Literal

Weights = Literal["identity", "linear", "quadratic", "ordinal"]
Agreement = Callable[[int, int], float]
"""Of the places of two categories."""


def agreement_of(weights: Weights, categories: int) -> Agreement:
    """The weight function of a scale of so many ``categories``. With one category everything agrees."""
    most = max(1, categories - 1)
    if weights == "quadratic":
        return lambda a, b: 1 - ((a - b) / most) ** 2
    if weights == "linear":
        return lambda a, b: 1 - abs(a - b) / most
    if weights == "ordinal":
        pairs = max(1, comb(categories, 2))
        return lambda a, b: 1 - comb(abs(a - b) + 1, 2) / pairs
    return lambda a, b: float(a == b)


def places(categories: Sequence[int]) -> dict[int, int]:
    """The place of each category on its scale. Raises ValueError for a scale that names one twice."""
    found = {category: place for place, category in enumerate(categories)}
    if len(found) != len(categories):
        raise ValueError("a scale names a category twice")
    return found
