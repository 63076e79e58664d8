"""A judge and one person, against scikit-learn and irrCAC."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from irrCAC.raw import CAC
from sklearn.metrics import cohen_kappa_score

from judging.engine.statistics.pairs import gwet_of_pairs, kappa, most_frequent_share, table_of
from judging.engine.statistics.result import Estimate, Silence
from judging.engine.statistics.weights import Weights, agreement_of
from tests.judging.engine.statistics.designs import SCALE

pairs = st.sets(st.sampled_from(SCALE), min_size=1).flatmap(
    lambda used: st.lists(st.tuples(st.sampled_from(sorted(used)), st.sampled_from(sorted(used))), min_size=1, max_size=80)
)


@pytest.mark.parametrize(("weights", "theirs"), [("identity", None), ("quadratic", "quadratic"), ("linear", "linear")])
@given(pairs=pairs)
@settings(max_examples=150, deadline=None)
def test_kappa_equals_scikit_learn(weights: Weights, theirs: str | None, pairs: list[tuple[int, int]]) -> None:
    found = kappa(table_of(pairs), SCALE, weights)
    if len({value for pair in pairs for value in pair}) == 1:
        assert found == Silence("one_class", len(pairs))
        return
    expected = cohen_kappa_score([a for a, _ in pairs], [b for _, b in pairs], labels=SCALE, weights=theirs)
    assert isinstance(found, Estimate)
    assert found.n == len(pairs)
    assert found.value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("weights", ["identity", "quadratic", "ordinal"])
@given(pairs=pairs)
@settings(max_examples=60, deadline=None)
def test_gwet_of_pairs_equals_irrcac(weights: Weights, pairs: list[tuple[int, int]]) -> None:
    found = gwet_of_pairs(table_of(pairs), SCALE, weights)
    if len({value for pair in pairs for value in pair}) == 1 or len(pairs) < 2:
        assert isinstance(found, Silence) or len(pairs) < 2
        return
    frame = pd.DataFrame([[float(a), float(b)] for a, b in pairs])
    theirs = CAC(frame, weights=weights, categories=[float(v) for v in SCALE], digits=12).gwet()["est"]
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(float(theirs["coefficient_value"]), abs=1e-9)


def test_a_judge_that_always_passes() -> None:
    """At 95 % passes such a judge has a high AC1 and no kappa worth the name."""
    table = table_of([(1, 1)] * 95 + [(1, 0)] * 5)
    first, ac1 = kappa(table, [0, 1]), gwet_of_pairs(table, [0, 1])
    assert first == Estimate(0.0, 100)
    assert isinstance(ac1, Estimate)
    assert round(ac1.value, 3) == 0.947
    assert most_frequent_share(table) == 195 / 200


def test_without_a_number() -> None:
    assert kappa(table_of([]), SCALE) == Silence("no_labels")
    assert kappa(table_of([(5, None), (None, 3)]), SCALE) == Silence("no_labels")
    assert kappa(table_of([(5, 5)] * 200), SCALE) == Silence("one_class", 200)
    assert most_frequent_share({}) == 0
    with pytest.raises(ValueError, match="7 is not on the scale"):
        kappa({(7, 5): 1}, SCALE)
    with pytest.raises(ValueError, match="twice"):
        kappa({(1, 1): 1}, [1, 1])


@pytest.mark.parametrize("weights", ["identity", "linear", "quadratic", "ordinal"])
def test_weights_run_from_agreement_to_the_widest_gap(weights: Weights) -> None:
    agree = agreement_of(weights, 6)
    row = [agree(0, place) for place in range(6)]
    assert row[0] == 1
    assert row[-1] == 0
    assert row == sorted(row, reverse=True)
    assert agreement_of(weights, 1)(0, 0) == 1
