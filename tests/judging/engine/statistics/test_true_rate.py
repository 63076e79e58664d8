"""Pass rates corrected by what is known of the judge: right on average, and as sure as they say."""

import random

import pytest

from judging.engine.statistics.rates import Confusion, Weighed
from judging.engine.statistics.result import Estimate, Result, Silence
from judging.engine.statistics.true_rate import rogan_gladen, weighted_difference


def held(result: Result, truth: float) -> bool:
    """Whether the interval holds the truth."""
    assert isinstance(result, Estimate)
    assert result.low is not None
    assert result.high is not None
    return result.low <= truth <= result.high


def test_rogan_gladen_mends_what_the_judge_is_known_to_miss() -> None:
    # 1000 episodes, 800 good; the judge passes 90 % of the good and 30 % of the bad: 720 + 60.
    known = Confusion(good_passed=900, good_caught=100, bad_passed=300, bad_caught=700)
    found = rogan_gladen(780, 1000, known, random.Random(1))
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(0.8, abs=1e-9)
    assert held(found, 0.8)
    assert found == rogan_gladen(780, 1000, known, random.Random(1))


def test_rogan_gladen_holds_the_truth_as_often_as_it_says() -> None:
    rng = random.Random(7)
    hits = sum(held(*_one_study(rng)) for _ in range(120))
    assert 106 <= hits <= 120


def _one_study(rng: random.Random) -> tuple[Result, float]:
    truth, tpr, tnr = rng.uniform(0.5, 0.95), rng.uniform(0.85, 0.99), rng.uniform(0.6, 0.9)

    def times(rate: float, n: int) -> int:
        return sum(rng.random() < rate for _ in range(n))

    good, bad = times(tpr, 200), times(tnr, 60)
    known = Confusion(good, 200 - good, 60 - bad, bad)
    rate = truth * tpr + (1 - truth) * (1 - tnr)
    return rogan_gladen(times(rate, 800), 800, known, rng), truth


def test_rogan_gladen_without_a_number() -> None:
    rng = random.Random(0)
    assert rogan_gladen(5, 10, Confusion(), rng) == Silence("no_labels", 10)
    assert rogan_gladen(0, 0, Confusion(1, 1, 1, 1), rng) == Silence("no_labels", 0)
    assert rogan_gladen(5, 10, Confusion(good_passed=50), rng) == Silence("one_class", 10)
    always = Confusion(good_passed=95, bad_passed=5)
    assert rogan_gladen(10, 10, always, rng) == Silence("no_better_than_chance", 10)


def test_difference_needs_nothing_of_the_judge() -> None:
    """A judge that always passes, and people who looked at one in ten."""
    rng, hits, errors = random.Random(3), 0, []
    for _ in range(300):
        good = [rng.random() < 0.8 for _ in range(1000)]
        truth = sum(good) / 1000
        reviewed = [Weighed(is_good, True, 10.0) for is_good in good if rng.random() < 0.1]
        found = weighted_difference(1000, 1000, reviewed)
        assert isinstance(found, Estimate)
        hits += held(found, truth)
        errors.append(found.value - truth)
    assert abs(sum(errors)) / 300 < 0.01
    # A normal interval of a hundred reviews is a little narrower than it says.
    assert 270 <= hits <= 300


def test_difference_where_everything_was_reviewed_is_exact() -> None:
    reviewed = [*[Weighed(True, True)] * 70, *[Weighed(False, True)] * 20, *[Weighed(False, False)] * 10]
    assert weighted_difference(90, 100, reviewed) == Estimate(0.7, 100, 0.7, 0.7)


def test_difference_without_a_number() -> None:
    assert weighted_difference(9, 10, [Weighed(True, True)]) == Silence("not_enough", 1)
    assert weighted_difference(0, 0, []) == Silence("no_labels", 0)
