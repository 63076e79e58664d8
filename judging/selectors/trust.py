"""What is known of judges: their versions, their newest calibrations and badges, and the rows behind the numbers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from statistics import mean
from typing import Any, NamedTuple

import msgspec
from django.db.models import Count, Max, Q, QuerySet

from judging.engine.calibration.badge import Badge, badge_of
from judging.engine.calibration.report import Report
from judging.engine.calibration.sample import Split, split_of
from judging.engine.statistics.threshold import Scored
from judging.models import (
    Calibration,
    CalibrationLabel,
    CalibrationLook,
    CalibrationStatus,
    Judgement,
    JudgeVersion,
    Mutant,
    MutantVerdict,
    RubricVersion,
)
from synthesis.selectors.jobs import jobs_lost

NEWEST = 200
"""Judge versions that are listed."""


class JudgeVersionRow(NamedTuple):
    """A judge version that has judged something: what it is, how many episodes, when last, how many it passed."""

    judge_version: str
    judge: str
    rubric_version: RubricVersion
    episodes: int
    passed: int
    errors: int
    last: datetime


def judge_versions(limit: int = NEWEST) -> list[JudgeVersionRow]:
    """Every judge version that has judged, the one at work last first; two queries."""
    return _versions(Judgement.objects.all(), limit)


def judge_version(version: str) -> JudgeVersionRow | None:
    """One judge version by its hash, or None."""
    found = _versions(Judgement.objects.filter(judge_version=version), 1)
    return found[0] if found else None


def judge_known(version: str) -> JudgeVersion | None:
    """What a judge version is a hash of, with its rubric; None for one from before that was noted."""
    return JudgeVersion.objects.select_related("rubric_version").filter(version=version).first()


def _versions(rows: QuerySet[Judgement], limit: int) -> list[JudgeVersionRow]:
    counted = rows.order_by().values_list("judge_version", "judge", "rubric_version_id")
    counted = counted.annotate(
        n=Count("pk"), good=Count("pk", filter=Q(passed=True)), bad=Count("pk", filter=~Q(error="")), last=Max("created")
    )
    found: list[tuple[Any, ...]] = list(counted.order_by("-last")[:limit])
    rubrics = RubricVersion.objects.select_related("rubric").defer("body").in_bulk({row[2] for row in found})
    return [JudgeVersionRow(version, kind, rubrics[rubric], n, good, bad, last) for version, kind, rubric, n, good, bad, last in found]


def calibrations_of(version: str, limit: int = 20) -> list[Calibration]:
    """Calibrations of a judge version, newest first, without their reports."""
    return list(Calibration.objects.filter(judge_version=version).defer("report").order_by("-pk")[:limit])


def calibrations(*, after: int | None = None, limit: int = 50, judge_version: str | None = None) -> list[Calibration]:
    """Calibrations with their numbers, newest first; two queries."""
    rows = Calibration.objects.select_related("rubric_version").defer("rubric_version__body").prefetch_related("looks")
    rows = rows.filter(judge_version=judge_version) if judge_version else rows
    return list((rows.filter(pk__lt=after) if after is not None else rows).order_by("-pk")[:limit])


def newest_done(version: str) -> Calibration | None:
    """The calibration whose numbers count, or None."""
    return Calibration.objects.filter(judge_version=version, status=CalibrationStatus.DONE).order_by("-pk").first()


def calibration_get(calibration_id: int) -> Calibration | None:
    """One calibration, or None."""
    return Calibration.objects.select_related("rubric_version__rubric").filter(pk=calibration_id).first()


def calibrations_lost(*, now: datetime, asked_before: datetime) -> Sequence[int]:
    """Calibrations that nobody works on although a worker was asked for before ``asked_before``, oldest first."""
    return jobs_lost(Calibration.objects, working=CalibrationStatus.WORKING, now=now, asked_before=asked_before)


def report_of(calibration: Calibration) -> Report:
    """The numbers of a calibration that is done."""
    return msgspec.convert(calibration.report, Report)


def looks(calibration_id: int) -> list[CalibrationLook]:
    """Who looked at the test part of a calibration, first one first."""
    return list(CalibrationLook.objects.filter(calibration_id=calibration_id).order_by("pk"))


def badges(versions: Collection[str]) -> Mapping[str, Badge]:
    """The badge of each of these judge versions; three queries at most, however many.

    One that was never calibrated, while an older one of its kind and rubric was, is ``stale``: something in its hash changed.
    """
    wanted = set(versions)
    newest = _newest_done()
    rows = {row.judge_version: row for row in Calibration.objects.filter(pk__in=[newest[v] for v in wanted if v in newest])}
    looked = set(CalibrationLook.objects.filter(calibration__in=[row.pk for row in rows.values()]).values_list("calibration_id", flat=True))
    found = {version: _badge(row, row.pk in looked) for version, row in rows.items()}
    missing = wanted - found.keys()
    if missing:
        former = _families(newest.keys())
        families = _families_of(missing)
        for version in missing:
            found[version] = Badge("stale" if families.get(version) in former else "uncalibrated")
    return found


def _newest_done() -> dict[str, int]:
    rows = Calibration.objects.filter(status=CalibrationStatus.DONE).order_by().values_list("judge_version")
    return dict(rows.annotate(newest=Max("pk")))


def _families(calibrated: Collection[str]) -> set[tuple[str, int]]:
    rows = Calibration.objects.filter(judge_version__in=calibrated, status=CalibrationStatus.DONE)
    return set(rows.order_by().values_list("judge", "rubric_version__rubric").distinct())


def _families_of(versions: Collection[str]) -> dict[str, tuple[str, int]]:
    rows = Judgement.objects.filter(judge_version__in=versions).order_by()
    found = rows.values_list("judge_version", "judge", "rubric_version__rubric").distinct()
    return {version: (judge, rubric) for version, judge, rubric in found}


def _badge(calibration: Calibration, looked: bool) -> Badge:
    assert calibration.finished is not None, "the database sees to it"
    return badge_of(report_of(calibration), date=calibration.finished, looked=looked)


class Cell(NamedTuple):
    """One labelled episode behind a cell of a confusion matrix. ``place`` is its index in its run."""

    pk: int
    item: int
    episode: int
    run: int
    place: int
    truth: int
    said: int
    score: float | None


def cell(
    calibration: Calibration, *, criterion: str, split: Split, good: bool, passed: bool, after: int = 0, limit: int = 50
) -> list[Cell]:
    """The episodes of one cell, in order; one query."""
    rows = CalibrationLabel.objects.filter(
        calibration=calibration, criterion=criterion, split=split, good=good, passed=passed, pk__gt=after
    ).order_by("pk")
    columns = ("pk", "item", "episode_id", "episode__run_id", "episode__index", "truth", "said", "score")
    return [Cell(*row) for row in rows.values_list(*columns)[:limit]]


def scored(calibration: Calibration, split: Split) -> list[Scored]:
    """The judge's overall scores beside the verdict of people."""
    rows = CalibrationLabel.objects.filter(calibration=calibration, criterion="", split=split, score__isnull=False)
    return [Scored(score or 0.0, good, weight) for score, good, weight in rows.values_list("score", "good", "weight")]


def mutant_verdicts(
    version: str, *, split: Split, kind: str = "", found: bool | None = None, after: int = 0, limit: int = 50
) -> list[MutantVerdict]:
    """What a judge version made of damaged plays of one part, of one kind or all, in order; without their logs. Two queries."""
    rows = MutantVerdict.objects.filter(judge_version=version, error=False, pk__gt=after)
    rows = rows.filter(mutant__kind=kind) if kind else rows
    rows = rows.filter(passed=not found) if found is not None else rows
    # The part follows from a hash that databases do not have.
    scenarios = rows.order_by("pk").values_list("pk", "mutant__episode__scenario_id").iterator(2000)
    wanted = list(islice((pk for pk, scenario in scenarios if split_of(str(scenario)) == split), limit))
    shown = MutantVerdict.objects.filter(pk__in=wanted).select_related("mutant__episode")
    return list(shown.defer("mutant__events", "mutant__episode__cast").order_by("pk"))


class ExaminationCost(NamedTuple):
    """What damaging one episode takes of a judge: copies that it is put before, and millionths that one judgement of it has cost (None
    where none has cost anything).
    """

    copies: float
    each: int | None


COPIES = 12.2
"""Copies of an episode in every way that it has room for, measured over 500 (docs/performance.md)."""


def examination_cost(version: str, sample: int = 200) -> ExaminationCost:
    """From what was damaged before and what the newest judgements cost; two queries."""
    mutants = Mutant.objects.aggregate(n=Count("pk"), episodes=Count("episode", distinct=True))
    newest = Judgement.objects.filter(judge_version=version, cost__gt=0).order_by("-pk").values_list("cost", flat=True)
    costs = list(newest[:sample])
    return ExaminationCost(mutants["n"] / mutants["episodes"] if mutants["episodes"] else COPIES, round(mean(costs)) if costs else None)


def mutants_judged(version: str, mutant_ids: Collection[int]) -> set[int]:
    """Which of these damaged plays a judge version has judged already, without failing itself."""
    rows = MutantVerdict.objects.filter(judge_version=version, mutant__in=list(mutant_ids), error=False)
    return set(rows.values_list("mutant_id", flat=True))


def mutant_get(mutant_id: int) -> Mutant | None:
    """One damaged play with its log, or None."""
    return Mutant.objects.select_related("episode").defer("episode__cast").filter(pk=mutant_id).first()


def verdicts_on(mutant_id: int) -> list[MutantVerdict]:
    """What every judge version made of one damaged play, newest first."""
    return list(MutantVerdict.objects.filter(mutant_id=mutant_id).order_by("-pk"))
