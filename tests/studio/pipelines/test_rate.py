"""The range of what a run will still take."""

from datetime import timedelta

from django.utils import timezone

from studio.pipelines.rate import eta_of
from synthesis.models import EpisodeStatus, Run

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
