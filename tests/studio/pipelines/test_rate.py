"""The range of what a run will still take."""

from datetime import datetime, timedelta

from django.utils import timezone

from studio.pipelines.rate import Expected, eta_of, expected_of, pilot_of
from synthesis.models import EpisodeStatus, Run
from synthesis.selectors.runs import Pace

NOW = timezone.now()


def counts(**given: int) -> dict[str, int]:
    return dict.fromkeys(EpisodeStatus.values, 0) | given


def run(seconds: int, status: str = "running") -> Run:
    return Run(created=NOW - timedelta(seconds=seconds), status=status)


def test_it_spans_the_rate_of_late_and_of_the_whole_run() -> None:
    eta = eta_of(run(200), counts(judged=100, queued=60), 60, 60.0, NOW)
    assert (eta.per_minute, eta.least, eta.most) == (60, 51, 139)
    assert eta.words() == "0:51–2:19"


def test_a_young_run_is_measured_over_its_own_age() -> None:
    assert eta_of(run(10), counts(judged=20, queued=20), 20, 60.0, NOW).per_minute == 120


def test_nothing_is_said_without_a_measure_or_with_nothing_left() -> None:
    for given, lately, status in (
        (counts(queued=5), 0, "running"),
        (counts(judged=5), 5, "running"),
        (counts(judged=1, queued=1), 1, "paused"),
    ):
        assert eta_of(run(100, status), given, lately, 60.0, NOW).words() == ""


def test_hours_are_told_as_hours() -> None:
    assert eta_of(run(100), counts(judged=100, queued=7200), 60, 60.0, NOW).words().endswith("2:18:01")


def test_what_a_run_may_take_spans_the_slowest_and_the_fastest_of_late() -> None:
    lately = [Pace(0.0, 2.0), Pace(0.0, 4.0), Pace(3.0, 0.1)]
    expected = expected_of(1000, 2, 0.0, lately)
    assert expected == Expected(int(1000 / 8 * 0.85), int(1000 / 4 * 1.15 + 5) + 1, 2)
    assert expected.words() == "1:46–4:53"
    slow = expected_of(10, 1, 4.0, lately)
    assert slow is not None and slow.runs == 1, "3 seconds a move are like 4, none are not"
    assert expected_of(10, 1, 9.0, lately) is None
    assert expected_of(10, 1, 0.0, []) is None


def spans(*seconds: float) -> list[tuple[datetime, datetime]]:
    return [(NOW, NOW + timedelta(seconds=lasted)) for lasted in seconds]


def test_a_paced_pilot_tells_how_many_fit_side_by_side() -> None:
    told = pilot_of(Run(options={"pilot_for": 600, "pace": 2.0}, concurrency=2), spans(4, 6, 8), 50)
    assert told is not None and told.each == 6
    assert told.expected == Expected(int(600 * 6 / 100 * 0.85), int(600 * 8 / 25 * 1.15 + 5) + 1, 1)
    few = pilot_of(Run(options={"pilot_for": 3, "pace": 2.0}, concurrency=8), spans(10), 64)
    assert few is not None and few.expected.least == 8, "never less than one of them"


def test_a_pilot_without_a_pace_tells_how_busy_it_kept_a_processor() -> None:
    told = pilot_of(Run(options={"pilot_for": 600}, concurrency=2), spans(1, 2, 3), 50)
    assert told is not None
    assert told.expected == Expected(int(600 / 2 * 0.85), int(600 * 1.15 + 5) + 1, 1)


def test_nothing_is_told_of_a_run_that_is_no_pilot_or_has_not_ended() -> None:
    assert pilot_of(Run(options={"pilot_for": 600}, concurrency=2), [], 50) is None
    assert pilot_of(Run(options={}, concurrency=2), spans(1), 50) is None
