"""How good a run truly is, on its page: from a judge's calibration and from people's reviews, and not for those who review blind."""

import random

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.statistics.result import Estimate
from judging.models import Judgement, ReviewItem
from judging.selectors.true_rates import true_rates
from judging.services import starter_rubric
from judging.services.calibrations import calibration_compute
from studio.models import Role
from tests.builders_many import many_episodes
from tests.judging.services.calibrating import VERSION, a_calibration, a_queue, judged_by, reviewed_by, truthful, truths_of
from tests.people import signed_in

pytestmark = pytest.mark.django_db


LEFT: list[int] = []
CRITERIA = len(starter_rubric().criteria)


def half(rng: random.Random, truth: int, criterion: str) -> int:
    """Of a bad episode it says the same by every criterion: that it is good, half of the time."""
    if truth == 5:
        return 5
    if not LEFT:
        LEFT.extend([rng.choice((1, 5))] * CRITERIA)
    return LEFT.pop()


@pytest.fixture
def run_id() -> int:
    """400 episodes, three tenths of them bad, by a judge that sees half of the bad ones; 250 of them reviewed and calibrated on."""
    run = many_episodes(400, failing=0, troubled=0)
    Judgement.objects.all().delete()
    truths = truths_of(run, 0.3)
    judged_by(run, truths, half)
    Judgement.objects.update(decides=True)
    some = dict(list(truths.items())[:250])
    reviewed_by(a_queue(), some, {"ann": truthful})
    ReviewItem.objects.update(probability=250 / 400)
    calibration_compute(calibration=a_calibration(), attempt=1, now=timezone.now())
    return run.pk


def test_both_estimates_hold_the_truth_that_the_judge_misses(run_id: int, people: dict[Role, User]) -> None:
    [rate] = true_rates(run_id)
    assert (rate.judge_version, rate.of) == (VERSION, 400)
    assert rate.share > 0.78, "it lets bad ones through"
    for result in (rate.by_judge, rate.by_reviews):
        assert isinstance(result, Estimate) and result.low is not None and result.high is not None
        assert result.low < 0.7 < result.high and result.value < rate.share
    page = signed_in(people[Role.VIEWER]).get(f"/runs/{run_id}/").content.decode()
    assert "True pass rate" in page and f"/judges/versions/{VERSION}/" in page


def test_without_reviews_or_calibration_nothing_is_said(people: dict[Role, User]) -> None:
    run = many_episodes(20)
    assert true_rates(run.pk) == []
    assert "True pass rate" not in signed_in(people[Role.OWNER]).get(f"/runs/{run.pk}/").content.decode()


def test_viewers_are_led_to_the_judges(people: dict[Role, User]) -> None:
    page = signed_in(people[Role.VIEWER]).get("/").content.decode()
    assert 'href="/judges/"' in page
    assert 'href="/judges/"' not in signed_in(people[Role.REVIEWER]).get("/runs/").content.decode()
