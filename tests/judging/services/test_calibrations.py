"""Calibrations: labels beside judgements, parts by scenario, badges, and the silence of small numbers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from judging.engine.calibration.report import Part
from judging.engine.statistics.result import Estimate, Silence, value_of
from judging.models import CalibrationLabel, Judgement
from judging.selectors import trust
from judging.services import rubric_install, starter_rubric
from judging.services.calibrations import (
    CalibrationRefused,
    calibration_compute,
    calibration_create,
    calibration_failed,
    calibration_put_off,
    calibration_renew,
    calibration_take,
    look_note,
)  # fmt: skip
from tests.builders_many import many_episodes
from tests.judging.services.calibrating import (
    VERSION,
    Says,
    a_calibration,
    a_queue,
    always_pass,
    careless,
    judged_by,
    reviewed_by,
    truthful,
    truths_of,
)  # fmt: skip

pytestmark = pytest.mark.django_db
NOW = timezone.now


def calibrated(says: Says, episodes: int = 600, bad: float = 0.3, people: int = 2) -> tuple[Part, Part]:
    """The parts of a judge that says ``says``, against people of whom one is careless."""
    run = many_episodes(episodes, failing=0, troubled=0)
    Judgement.objects.all().delete()
    truths = truths_of(run, bad)
    judged_by(run, truths, says)
    names = {"ann": truthful, "ben": truthful, "cho": careless}
    reviewed_by(a_queue(), truths, {name: names[name] for name in list(names)[:people]})
    report = calibration_compute(calibration=a_calibration(), attempt=1, now=NOW())
    assert report is not None
    return report.parts["dev"], report.parts["test"]


def test_a_judge_that_always_passes_has_no_tnr_and_is_not_trusted() -> None:
    dev, test = calibrated(always_pass)
    for part in (dev, test):
        verdict = part.criteria[0]
        assert (verdict.criterion, value_of(verdict.rates.tnr), value_of(verdict.rates.tpr)) == ("", 0.0, 1.0)
        assert verdict.counts.bad_caught == 0
        assert value_of(verdict.kappa) == 0
    badge = trust.badges([VERSION])[VERSION]
    assert (badge.state, badge.trusted, badge.source) == ("dev_only", False, "reviews")
    assert badge.tnr is not None
    assert badge.tnr.value == 0


def test_a_truthful_judge_is_trusted_once_somebody_looked_at_the_test() -> None:
    calibrated(truthful)
    before = trust.badges([VERSION])[VERSION]
    calibration = trust.newest_done(VERSION)
    assert calibration is not None
    assert look_note(calibration=calibration, by="ann", now=NOW())
    assert not look_note(calibration=calibration, by="ann", now=NOW())
    after = trust.badges([VERSION])[VERSION]
    assert (before.state, after.state) == ("dev_only", "calibrated")
    assert after.trusted
    assert after.tnr is not None
    assert after.tnr.value == 1
    assert after.n >= 100
    assert after.date == calibration.finished


def test_every_scenario_lies_in_one_part_and_every_label_counts_once() -> None:
    dev, test = calibrated(truthful)
    rows = CalibrationLabel.objects.filter(criterion="").values_list("split", "episode__scenario")
    assert not {s for split, s in rows if split == "dev"} & {s for split, s in rows if split == "test"}
    assert len(rows) == 600
    for part, split in ((dev, "dev"), (test, "test")):
        counts = part.criteria[0].counts
        whole = counts.good_passed + counts.good_caught + counts.bad_passed + counts.bad_caught
        assert whole == sum(1 for one, _ in rows if one == split)


def test_a_few_reviews_give_no_number() -> None:
    dev, _ = calibrated(truthful, episodes=120)
    verdict = dev.criteria[0]
    assert isinstance(verdict.rates.tnr, Silence)
    assert verdict.rates.tnr.words == "not enough reviews"
    assert isinstance(verdict.kappa, Silence)
    badge = trust.badges([VERSION])[VERSION]
    assert (badge.state, badge.tnr, badge.trusted) == ("uncalibrated", None, None)


def test_where_hardly_anything_is_bad_there_is_no_number() -> None:
    dev, _ = calibrated(always_pass, bad=0.02)
    assert isinstance(dev.criteria[0].rates.tnr, Silence)


def test_the_human_ceiling_stands_beside_the_judge() -> None:
    dev, _ = calibrated(careless, people=2)
    task = next(row for row in dev.criteria if row.criterion)
    assert isinstance(task.ceiling.people, Estimate)
    assert task.ceiling.people.value == 1
    assert isinstance(task.ceiling.gap, Estimate)
    assert task.ceiling.gap.high is not None
    assert task.ceiling.gap.high < 0


def test_another_hash_makes_the_badge_stale() -> None:
    calibrated(truthful)
    run = many_episodes(30, failing=0, troubled=0, seed=8)
    judged_by(run, truths_of(run, 0.1), truthful, version="b" * 64)
    judged_by(run, truths_of(run, 0.1), truthful, version="c" * 64, judge="panel")
    found = trust.badges(["b" * 64, "c" * 64, "d" * 64])
    assert {version[0]: badge.state for version, badge in found.items()} == {"b": "stale", "c": "uncalibrated", "d": "uncalibrated"}


def test_a_later_calibration_takes_the_labels_over() -> None:
    calibrated(truthful)
    second = a_calibration()
    calibration_compute(calibration=second, attempt=1, now=NOW())
    assert set(CalibrationLabel.objects.values_list("calibration_id", flat=True)) == {second.pk}


def test_one_at_a_time_and_whoever_takes_it_has_it() -> None:
    version = rubric_install(rubric=starter_rubric())

    def create() -> int:
        return calibration_create(
            judge_version=VERSION, judge="model", rubric_version=version, damage=0, seed=1, asked_by="ann", now=NOW()
        ).pk

    first = create()
    with pytest.raises(CalibrationRefused, match="already"):
        create()
    lease = timedelta(minutes=1)
    assert calibration_take(calibration_id=first, lease=lease, now=NOW())
    assert not calibration_take(calibration_id=first, lease=lease, now=NOW())
    for minutes in (2, 4):
        assert calibration_take(calibration_id=first, lease=lease, now=NOW() + timedelta(minutes=minutes))
    assert not calibration_take(calibration_id=first, lease=lease, now=NOW() + timedelta(minutes=8))
    row = trust.calibration_get(first)
    assert row is not None
    assert (row.status, bool(row.error)) == ("failed", True)


def test_a_worker_that_lost_it_ends_nothing() -> None:
    job, lease, now = a_calibration(status="queued", attempts=0), timedelta(minutes=1), NOW()
    late = calibration_take(calibration_id=job.pk, lease=lease, now=now)
    mine = calibration_take(calibration_id=job.pk, lease=lease, now=now + 2 * lease)
    assert late != mine
    assert not calibration_renew(calibration_id=job.pk, attempt=late, lease=lease, now=now)
    calibration_put_off(calibration_id=job.pk, attempt=late, asked=now)
    calibration_failed(calibration_id=job.pk, attempt=late, error="late", now=now)
    assert calibration_compute(calibration=job, attempt=late, now=now) is None
    job.refresh_from_db()
    assert (job.status, job.attempts, job.error, job.report) == ("working", mine, "", {})
    # What was put off counts as no attempt, and still nobody gets the number of the one that was lost.
    calibration_put_off(calibration_id=job.pk, attempt=mine, asked=now)
    again = calibration_take(calibration_id=job.pk, lease=lease, now=now)
    assert again == mine != late
    assert calibration_compute(calibration=job, attempt=again, now=now) is not None
    job.refresh_from_db()
    assert job.status == "done"
