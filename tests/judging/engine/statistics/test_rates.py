"""Shares with their intervals, against scipy and scikit-learn."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import balanced_accuracy_score, recall_score

from judging.engine.statistics.rates import Confusion, Rates, Weighed, confusion, mean_of, rates, rates_of_counts, share
from judging.engine.statistics.result import Estimate, Result, Silence, value_of

judged = st.lists(st.builds(Weighed, st.booleans(), st.booleans()), min_size=1, max_size=60)


@given(n=st.integers(1, 3000), data=st.data())
@settings(max_examples=200, deadline=None)
def test_wilson_equals_scipy(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    theirs = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    found = share(hits, n)
    assert isinstance(found, Estimate)
    assert (found.value, found.n) == (hits / n, n)
    assert found.low == pytest.approx(theirs.low, abs=1e-9)
    assert found.high == pytest.approx(theirs.high, abs=1e-9)


@given(items=judged)
@settings(max_examples=200, deadline=None)
def test_rates_equal_scikit_learn(items: list[Weighed]) -> None:
    truth, said = [item.good for item in items], [item.passed for item in items]
    found = rates(items)
    if len(set(truth)) == 1:
        silent = found.tnr if truth[0] else found.tpr
        assert silent == Silence("one_class", len(items))
        assert found.balanced == silent
        return
    assert value_of(found.tpr) == pytest.approx(recall_score(truth, said, pos_label=True), abs=1e-9)
    assert value_of(found.tnr) == pytest.approx(recall_score(truth, said, pos_label=False), abs=1e-9)
    assert value_of(found.balanced) == pytest.approx(balanced_accuracy_score(truth, said), abs=1e-9)
    same(found, rates_of_counts(confusion(items)))


def same(first: Rates, second: Rates) -> None:
    """Equal but for rounding."""
    for name in ("tpr", "tnr", "balanced"):
        left, right = getattr(first, name), getattr(second, name)
        assert isinstance(left, Estimate)
        assert isinstance(right, Estimate)
        assert (left.value, left.low, left.high, left.n) == pytest.approx((right.value, right.low, right.high, right.n), abs=1e-12)


def test_a_judge_that_always_passes_catches_nothing() -> None:
    items = [Weighed(True, True)] * 95 + [Weighed(False, True)] * 5
    found = rates(items)
    assert value_of(found.tpr) == 1
    assert value_of(found.tnr) == 0
    assert value_of(found.balanced) == 0.5
    assert isinstance(found.tnr, Estimate)
    assert found.tnr.low == 0
    assert 0.4 < (found.tnr.high or 0) < 0.5


def test_passed_episodes_that_stand_for_many_pull_the_rate_down() -> None:
    """All that the judge failed is reviewed and one in ten of what it passed: unweighted, the share of bad ones caught looks too good."""
    items = [*[Weighed(False, False)] * 80, *[Weighed(False, True, 10.0)] * 2, *[Weighed(True, True, 10.0)] * 50]
    weighted, plain = rates(items), rates_of_counts(confusion(items))
    assert value_of(plain.tnr) == 80 / 82
    assert value_of(weighted.tnr) == 0.8
    assert isinstance(weighted.tnr, Estimate)
    assert isinstance(plain.tnr, Estimate)
    assert weighted.tnr.n == 82
    # Two reviews stand for twenty episodes: that is known less well.
    assert (weighted.tnr.high or 0) - (weighted.tnr.low or 0) > (plain.tnr.high or 0) - (plain.tnr.low or 0)
    assert confusion(items, weighted=True) == Confusion(500, 0, 20, 80)


def test_without_a_number() -> None:
    assert share(0, 0) == Silence("no_labels")
    assert rates([]) == Rates(*[Silence("no_labels")] * 3)
    assert rates_of_counts(Confusion()) == Rates(*[Silence("no_labels")] * 3)
    one = rates_of_counts(Confusion(good_passed=40))
    assert (one.tnr, one.balanced) == (Silence("one_class", 40), Silence("one_class", 40))
    assert value_of(one.tpr) == 1
    other: Result = Silence("no_labels")
    assert mean_of(other, one.tpr) == other
    assert Silence("one_class", 40).words == "one class"
