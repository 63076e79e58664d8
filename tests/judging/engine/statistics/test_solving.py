"""pass^k against brute force; bands; recalibrated difficulty."""

import random
from collections import Counter
from itertools import combinations
from math import isclose

import pytest

from judging.engine.statistics.result import Estimate, Silence
from judging.engine.statistics.solving import BANDS, EXPECTED, Tally, band_of, pass_k, recalibrated


def brute(results: list[list[bool]], k: int) -> tuple[float, int]:
    """The share of all ways to choose ``k`` plays that are solved throughout, averaged over scenarios."""
    shares = []
    for plays in results:
        chosen = list(combinations(plays, k))
        if chosen:
            shares.append(sum(all(choice) for choice in chosen) / len(chosen))
    return sum(shares) / len(shares), len(shares)


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_share_of_all_choices(seed: int) -> None:
    rng = random.Random(seed)
    results = [[rng.random() < 0.7 for _ in range(rng.randint(1, 7))] for _ in range(30)]
    tallies = Counter(Tally(len(plays), sum(plays)) for plays in results)
    for k in range(1, max(map(len, results)) + 1):
        found = pass_k(tallies, k)
        value, scenarios = brute(results, k)
        assert isinstance(found, Estimate)
        assert isclose(found.value, value) and found.n == scenarios
        assert found.low is not None and found.high is not None and found.low <= found.value <= found.high


def test_it_is_unbiased() -> None:
    """Averaged over many draws it is p to the power of k, where the share of solved plays to that power is too much."""
    rng, p, k = random.Random(1), 0.6, 3
    draws = [sum(rng.random() < p for _ in range(4)) for _ in range(20_000)]
    found = pass_k(Counter(Tally(4, solved) for solved in draws), k)
    assert isinstance(found, Estimate) and abs(found.value - p**k) < 0.01
    assert sum((solved / 4) ** k for solved in draws) / len(draws) > p**k + 0.05


def test_it_never_rises_with_k_over_the_same_scenarios() -> None:
    tallies = Counter({Tally(5, solved): solved + 1 for solved in range(6)})
    values = [found.value for k in range(1, 6) if isinstance(found := pass_k(tallies, k), Estimate)]
    assert values == sorted(values, reverse=True) and len(values) == 5


def test_the_interval_covers_where_scenarios_differ() -> None:
    """Scenarios solved always or never, the worst case: 95 % of the intervals hold the true value."""
    rng, held = random.Random(2), 0
    for _ in range(1000):
        found = pass_k(Counter(Tally(3, 3 if rng.random() < 0.4 else 0) for _ in range(50)), 2)
        assert isinstance(found, Estimate) and found.low is not None and found.high is not None
        held += found.low <= 0.4 <= found.high
    assert held > 925


def test_too_few_plays_give_no_number() -> None:
    assert pass_k({Tally(2, 2): 5}, 3) == Silence("too_few_plays", 5)
    assert pass_k({}, 1) == Silence("too_few_plays", 0)


def test_bands() -> None:
    assert [band_of(Tally(4, solved)) for solved in range(5)] == ["never", "seldom", "often", "often", "always"]
    assert {band_of(Tally(1, 0)), band_of(Tally(1, 1))} == {"never", "always"} < set(BANDS)


def test_results_move_difficulty() -> None:
    for computed, share in EXPECTED.items():
        assert recalibrated(computed, Tally(10, round(10 * share))) == computed, "what was expected changes nothing"
    assert recalibrated(5, Tally(20, 20)) == 1 and recalibrated(1, Tally(20, 0)) == 5
    assert recalibrated(1, Tally(1, 0)) == 2 and recalibrated(3, Tally(1, 1)) == 2, "one play moves it a little"
    for computed in EXPECTED:
        by_solved = [recalibrated(computed, Tally(8, solved)) for solved in range(9)]
        assert by_solved == sorted(by_solved, reverse=True) and set(by_solved) <= set(EXPECTED)
