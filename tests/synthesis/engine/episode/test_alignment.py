"""Aligning the calls of two plays."""

import random

import pytest

from synthesis.engine.episode import alignment
from synthesis.engine.episode.alignment import Pair, Step, aligned


def steps(*calls: str) -> list[Step]:
    """``find:1`` is a call of ``find`` with argument 1; ``find:1=x`` one with outcome x."""
    made = []
    for seq, text in enumerate(calls):
        call, _, outcome = text.partition("=")
        name, _, argument = call.partition(":")
        made.append(Step(seq, name, {"n": argument}, outcome))
    return made


def kinds(pairs: list[Pair]) -> list[str]:
    return [pair.kind for pair in pairs]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([], [], []),
        (["a"], [], ["left"]),
        ([], ["a"], ["right"]),
        (["a", "b"], ["a", "b"], ["same", "same"]),
        (["a:1", "b"], ["a:2", "b"], ["arguments", "same"]),
        (["a", "x", "b"], ["a", "b"], ["same", "left", "same"]),
        (["a", "b"], ["a", "x", "y", "b"], ["same", "right", "right", "same"]),
        (["a", "x", "b"], ["a", "y", "b"], ["same", "left", "right", "same"]),
        (["a:1", "a:2"], ["a:2"], ["left", "same"]),
    ],
)
def test_calls_meet_their_like(left: list[str], right: list[str], expected: list[str]) -> None:
    assert kinds(aligned(steps(*left), steps(*right))) == expected


def test_the_same_call_with_another_outcome_is_where_plays_part() -> None:
    first, second = aligned(steps("a=ok", "b=ok"), steps("a=ok", "b=timeout"))
    assert (first.parts, second.parts) == (False, True)
    assert second.kind == "same"


def test_every_call_stands_once_and_in_order() -> None:
    rng = random.Random(5)
    for _ in range(300):
        left, right = (steps(*(f"{rng.choice('abc')}:{rng.randrange(2)}" for _ in range(rng.randrange(9)))) for _ in range(2))
        pairs = aligned(left, right)
        assert [pair.left for pair in pairs if pair.left] == left
        assert [pair.right for pair in pairs if pair.right] == right
        assert all(pair.left.name == pair.right.name for pair in pairs if pair.left and pair.right)


def test_very_long_plays_are_compared_by_position(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "MOST_CELLS", 3)
    assert kinds(aligned(steps("x", "a", "b"), steps("a", "b"))) == ["left", "right", "left", "right", "left"]
    assert kinds(aligned(steps("a:1", "b"), steps("a:2", "b"))) == ["arguments", "same"]
