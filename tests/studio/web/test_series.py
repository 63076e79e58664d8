"""Charts over time: positions, ticks, gaps."""

import pytest

from studio.web.series import ceiling, series, strokes


def test_bars_reach_as_high_as_their_value_of_the_axis() -> None:
    chart = series(["a", "b"], [5, 10], ["/a", "/b"])
    assert [(mark.y, mark.height, mark.text, mark.url) for mark in chart.marks] == [
        ("20.00", "20.00", "5", "/a"),
        ("0.00", "40.00", "10", "/b"),
    ]
    assert chart.ticks == ["10", "5", "0"] and (chart.begin, chart.end) == ("a", "b")


def test_a_target_above_everything_stretches_the_axis() -> None:
    chart = series(["a"], [3], [""], target=420)
    assert chart.ticks[0] == "500" and chart.target == f"{40 - 40 * 420 / 500:.2f}"


def test_a_line_breaks_where_nothing_is_known_and_a_lone_point_is_seen() -> None:
    lines = strokes([1, 2, None, 4], 4)
    assert len(lines) == 2
    assert lines[0] == "12.50,30.00 37.50,20.00"
    assert lines[1].count(",") == 2, "two points make a stroke"
    assert strokes([None, None], 5) == []


@pytest.mark.parametrize(("value", "above"), [(0, 1), (1, 1), (1.5, 2), (3, 5), (10, 10), (11, 20), (4999, 5000), (5001, 10_000)])
def test_axes_end_at_round_numbers(value: float, above: float) -> None:
    assert ceiling(value) == above


def test_nothing_at_all() -> None:
    assert series([], [], []).empty and series(["a"], [None], [""]).empty and not series(["a"], [1], [""]).empty
