"""Progress and funnel as people read them."""

import io

import pytest

from studio.management.funnel import funnel_lines
from studio.management.progress import Lines, Rate, duration, shown


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59, "59 s"), (75, "1 min 15 s"), (7260, "2 h 1 min")])
def test_durations_are_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_the_rate_is_that_of_the_last_seconds() -> None:
    rate = Rate(1000)
    rate.note(0, 0.0)
    assert rate.words() == "starting"
    rate.note(100, 10.0)
    assert rate.words() == "10.0/s, 1 min 30 s left"
    rate.note(500, 20.0)
    rate.note(900, 30.0)
    assert rate.words() == "40.0/s, 2 s left"


def test_without_a_terminal_there_are_lines() -> None:
    stream = io.StringIO()
    progress = shown(stream, 10)
    assert isinstance(progress, Lines)
    with progress:
        progress.show({"judged": 1})
        progress.last -= 60
        progress.show({"judged": 4, "failed": 1, "planned": 5})
    assert stream.getvalue().startswith("5/10 episodes, ")


def test_the_funnel_names_the_reasons_at_each_drop() -> None:
    funnel = {
        "planned": 10,
        "generated": 9,
        "played": 9,
        "checks_passed": 6,
        "judged": 6,
        "kept": 5,
        "dropped": {"generated": {"no plain scenario in a": 1}, "checks_passed": {"agent: wrong": 2}, "kept": {"twin": 1}},
    }
    assert [line.split(maxsplit=1) for line in funnel_lines(funnel)] == [
        ["planned", "10"],
        ["generated", "9"],
        ["-1", "no plain scenario in a"],
        ["played", "9"],
        ["checks", "passed        6"],
        ["-2", "agent: wrong"],
        ["-1", "other reasons"],
        ["judged", "6"],
        ["kept", "5"],
        ["-1", "twin"],
    ]
