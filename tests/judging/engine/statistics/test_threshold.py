"""From which score on."""

from hypothesis import given
from hypothesis import strategies as st

from judging.engine.statistics.result import Silence, value_of
from judging.engine.statistics.threshold import Scored, Threshold, at_score, threshold_for

scored = st.lists(st.builds(Scored, st.integers(0, 10).map(lambda v: v / 2), st.booleans()), min_size=1, max_size=40)


@given(items=scored, wanted=st.sampled_from([0.5, 0.8, 0.95, 1.0]))
def test_no_lower_score_reaches_it(items: list[Scored], wanted: float) -> None:
    found = threshold_for(wanted, items)
    reached = [s for s in sorted({item.score for item in items}) if (value_of(at_score(s, items).precision) or 0) >= wanted]
    if isinstance(found, Silence):
        assert reached == []
        assert found == Silence("not_reached", len(items))
    else:
        assert found.at == reached[0]


def test_what_it_keeps() -> None:
    items = [Scored(5.0, True)] * 60 + [Scored(4.0, True)] * 20 + [Scored(4.0, False)] * 5 + [Scored(2.0, False)] * 15
    found = threshold_for(0.9, items)
    assert isinstance(found, Threshold)
    assert (found.at, value_of(found.precision), value_of(found.kept), value_of(found.recall)) == (4.0, 80 / 85, 0.85, 1.0)
    strict = threshold_for(0.99, items)
    assert isinstance(strict, Threshold)
    assert (strict.at, value_of(strict.recall)) == (5.0, 0.75)


def test_episodes_that_stand_for_many_count_for_many() -> None:
    items = [Scored(5.0, True, 10.0), Scored(3.0, False, 1.0), Scored(3.0, True, 10.0)]
    found = threshold_for(0.9, items)
    assert isinstance(found, Threshold)
    assert found.at == 3.0


def test_without_a_number() -> None:
    assert threshold_for(0.9, []) == Silence("no_labels")
    assert threshold_for(0.9, [Scored(5.0, False)]) == Silence("not_reached", 1)
