"""Agreement of any number of people, against the packages that compute it elsewhere."""

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from irrCAC.raw import CAC

from judging.engine.statistics.agreement import Level, alpha, gwet, items_in, pairs_in, raw_share, units_of
from judging.engine.statistics.result import Estimate, Silence
from judging.engine.statistics.weights import Weights
from tests.judging.engine.statistics.designs import SCALE, Item, ratings


def table(items: list[Item]) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Items by raters, gaps as nan."""
    return np.array([[np.nan if value is None else float(value) for value in item] for item in items])


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
@given(items=ratings())
@settings(max_examples=150, deadline=None)
def test_alpha_equals_krippendorff(level: Level, items: list[Item]) -> None:
    found = alpha(units_of(items), level)
    pairable = {value for item in items if sum(v is not None for v in item) > 1 for value in item if value is not None}
    if len(pairable) < 2:
        assert found == (Silence("one_class", items_in(units_of(items))) if pairable else Silence("no_pairs"))
        return
    assert isinstance(found, Estimate)
    # One that nobody else answered is no part of it; the package wants such items gone from the list of values too.
    assert found.value == pytest.approx(krippendorff.alpha(reliability_data=table(items).T, level_of_measurement=level), abs=1e-9)


@pytest.mark.parametrize("weights", ["identity", "quadratic", "ordinal", "linear"])
@given(items=ratings(least=3))
@settings(max_examples=60, deadline=None)
def test_gwet_equals_irrcac(weights: Weights, items: list[Item]) -> None:
    answered = [item for item in items if any(value is not None for value in item)]
    # Of a single item the package cannot tell the variance, and divides by zero.
    assume(len(answered) > 1)
    units = units_of(answered)
    found = gwet(units, SCALE, weights)
    if isinstance(found, Silence):
        assert items_in(units) == 0 or len({value for unit in units for value in unit}) == 1
        return
    with np.errstate(all="ignore"):
        theirs = CAC(pd.DataFrame(table(answered)), weights=weights, categories=[float(v) for v in SCALE], digits=12).gwet()["est"]
    assert found.value == pytest.approx(float(theirs["coefficient_value"]), abs=1e-9)
    if weights == "identity":
        share = raw_share(units)
        assert isinstance(share, Estimate)
        assert share.value == pytest.approx(float(theirs["pa"]), abs=1e-9)


def test_units_count_items_and_pairs() -> None:
    units = units_of([[1, 1, None], [2, 1, 2], [None, 3, None], [1, None, 1]])
    assert units == {(1, 1): 2, (1, 2, 2): 1, (3,): 1}
    assert (items_in(units), pairs_in(units)) == (3, 5)
    assert raw_share(units) == Estimate((1 + 1 + 1 / 3) / 3, 3)


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
def test_alpha_without_a_number(level: Level) -> None:
    assert alpha(units_of([]), level) == Silence("no_labels")
    assert alpha(units_of([[3, None], [2, None]]), level) == Silence("no_pairs")
    # Everybody says 5 to everything: no disagreement, and nothing that shows agreement.
    assert alpha(units_of([[5, 5]] * 50), level) == Silence("one_class", 50)


def test_gwet_without_a_number() -> None:
    assert gwet(units_of([]), SCALE) == Silence("no_labels")
    assert gwet(units_of([[3, None]]), SCALE) == Silence("no_pairs")
    assert gwet(units_of([[5, 5]] * 50), SCALE) == Silence("one_class", 50)
    assert raw_share(units_of([[5, None]])) == Silence("no_pairs")
    with pytest.raises(ValueError, match="9 is not on the scale"):
        gwet(units_of([[9, 5]]), SCALE)


def test_alpha_of_a_published_example() -> None:
    """Krippendorff 2011, section C: four observers, twelve units, nominal .743, ordinal .815."""
    a, b, c, d = (
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    )
    units = units_of(list(zip(a, b, c, d, strict=True)))
    nominal, ordinal = alpha(units, "nominal"), alpha(units, "ordinal")
    assert isinstance(nominal, Estimate)
    assert isinstance(ordinal, Estimate)
    assert (round(nominal.value, 3), round(ordinal.value, 3), nominal.n) == (0.743, 0.815, 11)
