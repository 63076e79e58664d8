"""A judge beside people, drawn again by scenario."""

import random

import pytest
from sklearn.metrics import cohen_kappa_score

from judging.engine.statistics.ceiling import Cluster, ceiling
from judging.engine.statistics.result import Estimate, Silence
from tests.judging.engine.statistics.designs import SCALE


def study(judge_right: float, people_right: float, scenarios: int, seed: int) -> list[Cluster]:
    """Scenarios of two episodes; whoever is not right says anything."""
    rng = random.Random(seed)

    def says(truth: int, right: float) -> int:
        return truth if rng.random() < right else rng.choice(SCALE)

    def item() -> tuple[int, list[int]]:
        truth = rng.choice(SCALE)
        return says(truth, judge_right), [says(truth, people_right), says(truth, people_right)]

    return [Cluster([item(), item()]) for _ in range(scenarios)]


def test_both_kappas_are_those_of_scikit_learn() -> None:
    clusters = study(0.7, 0.9, 60, 5)
    found = ceiling(clusters, SCALE, "quadratic", random.Random(1))
    items = [item for cluster in clusters for item in cluster.items]
    judge = [(said, answer) for said, answers in items for answer in answers]
    people = [pair for _, (a, b) in items for pair in ((a, b), (b, a))]
    for result, pairs in ((found.judge, judge), (found.people, people)):
        assert isinstance(result, Estimate)
        theirs = cohen_kappa_score([a for a, _ in pairs], [b for _, b in pairs], labels=SCALE, weights="quadratic")
        assert result.value == pytest.approx(theirs, abs=1e-9)
    assert isinstance(found.people, Estimate)
    assert found.people.n == 120


def test_a_worse_judge_is_seen_to_be_worse_and_an_equal_one_is_not() -> None:
    worse = ceiling(study(0.4, 0.9, 150, 2), SCALE, "quadratic", random.Random(1)).gap
    assert isinstance(worse, Estimate)
    assert worse.high is not None
    assert worse.high < 0
    equal = ceiling(study(0.9, 0.9, 150, 2), SCALE, "quadratic", random.Random(1)).gap
    assert isinstance(equal, Estimate)
    assert equal.low is not None
    assert equal.high is not None
    assert equal.low < 0 < equal.high


def test_a_scenario_played_often_is_one_scenario() -> None:
    """Ten copies of the same twelve scenarios: drawing scenarios again knows no more than before, drawing episodes would."""
    few = study(0.6, 0.9, 12, 4)
    often = [Cluster([*cluster.items] * 10) for cluster in few]
    one, ten = (ceiling(clusters, SCALE, "identity", random.Random(1)).gap for clusters in (few, often))
    assert isinstance(one, Estimate)
    assert isinstance(ten, Estimate)
    assert (ten.low, ten.high) == (one.low, one.high)


def test_few_scenarios_have_no_interval() -> None:
    found = ceiling(study(0.6, 0.9, 9, 4), SCALE, "identity", random.Random(1)).gap
    assert isinstance(found, Estimate)
    assert (found.low, found.high) == (None, None)


def test_without_a_number() -> None:
    rng = random.Random(0)
    alone = ceiling([Cluster([(3, [3])]), Cluster([(4, [2])])], SCALE, "identity", rng)
    assert isinstance(alone.judge, Estimate)
    assert alone.people == Silence("no_labels")
    assert alone.gap == alone.people
    assert ceiling([Cluster([(None, [3, 2])])], SCALE, "identity", rng).judge == Silence("no_labels")
    assert ceiling([Cluster([(5, [5, 5])])] * 50, SCALE, "identity", rng).gap == Silence("one_class", 100)
