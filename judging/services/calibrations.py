"""Calibrations: asked for now, worked on later by whichever worker comes first, their numbers kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F

from judging.engine.calibration.report import Report, report_of
from judging.engine.calibration.sample import Labelled
from judging.engine.mutation.mutate import Mutant as Damaged
from judging.models import Calibration, CalibrationLabel, CalibrationLook, CalibrationStatus, Mutant, MutantVerdict, RubricVersion
from judging.selectors.known import known_of
from judging.selectors.rubrics import rubric_of
from synthesis.engine.episode.events import Event
from synthesis.services.jobs import job_take

MOST_ATTEMPTS = 3
"""A calibration whose worker died that often has failed."""
MOST_DAMAGED = 1000


class CalibrationRefused(Exception):
    """What was asked for cannot be calibrated now; the text says why."""


class Finding(msgspec.Struct, frozen=True):
    """What a judge made of a damaged play. ``named``: a check that names this kind of damage found it."""

    passed: bool
    named: bool
    overall: float | None
    fallen: Sequence[str]
    reason: str
    error: bool = False


def calibration_create(
    *, judge_version: str, judge: str, rubric_version: RubricVersion, damage: int, seed: int, asked_by: str, now: datetime
) -> Calibration:
    """Note that somebody wants to know how far a judge can be trusted. Raises CalibrationRefused while one is under way."""
    if not 0 <= damage <= MOST_DAMAGED:
        raise CalibrationRefused(f"Damage between 0 and {MOST_DAMAGED} episodes.")
    try:
        with transaction.atomic():
            return Calibration.objects.create(
                judge_version=judge_version, judge=judge, rubric_version=rubric_version, damage=damage, seed=seed,
                asked_by=asked_by[:150], created=now, asked=now,
            )  # fmt: skip
    except IntegrityError:
        raise CalibrationRefused("This judge is being calibrated already.") from None


def calibration_take(*, calibration_id: int, lease: timedelta, now: datetime) -> int:
    """The caller's number when the calibration is theirs until the lease ends; 0 when it is somebody else's or over.

    One that was taken MOST_ATTEMPTS times without an end fails here.
    """
    job, lost = Calibration.objects.filter(pk=calibration_id), "The workers that worked on it were lost."
    return job_take(job=job, working=CalibrationStatus.WORKING, lease=lease, now=now, most=MOST_ATTEMPTS, lost=lost)


def calibration_renew(*, calibration_id: int, attempt: int, lease: timedelta, now: datetime) -> bool:
    """Keep it for another while; False when it is no longer the caller's."""
    return bool(_held(calibration_id, attempt).update(lease_until=now + lease))


def calibration_put_off(*, calibration_id: int, attempt: int, asked: datetime) -> None:
    """The judge cannot be asked just now: somebody takes it up again, as if a worker had been asked for at ``asked``."""
    # Whoever waits was not lost, so the attempt does not count. Its number goes to the next worker, which nobody else holds:
    # workers that were lost hold lower ones.
    _held(calibration_id, attempt).update(status=CalibrationStatus.QUEUED, lease_until=None, asked=asked, attempts=F("attempts") - 1)


def calibration_compute(*, calibration: Calibration, attempt: int, now: datetime, note: str = "") -> Report | None:
    """Gather what is known, take the numbers, and keep them with the labels behind them. Twice gives the same. None, and nothing kept,
    when it is no longer the caller's.
    """
    version = calibration.rubric_version
    known = known_of(calibration.judge_version, version)
    slugs = [criterion.id for criterion in rubric_of(version).criteria]
    report = report_of(known, slugs, calibration.seed, note)
    kept = {"status": CalibrationStatus.DONE, "report": msgspec.to_builtins(report), "finished": now, "lease_until": None}
    with transaction.atomic():
        if not _held(calibration.pk, attempt).update(**kept):
            return None
        CalibrationLabel.objects.filter(calibration__judge_version=calibration.judge_version).delete()
        CalibrationLabel.objects.bulk_create((_row(calibration, label) for label in known.labelled), batch_size=2000)
    return report


def _row(calibration: Calibration, label: Labelled) -> CalibrationLabel:
    return CalibrationLabel(
        calibration=calibration, criterion=label.criterion, split=label.split, good=label.good, passed=label.passed, item=label.item,
        episode_id=label.episode, truth=label.truth, said=label.said, weight=label.weight, score=label.score,
    )  # fmt: skip


def calibration_failed(*, calibration_id: int, attempt: int, error: str, now: datetime) -> None:
    """There will be no numbers, and ``error`` says why."""
    failed = {"status": CalibrationStatus.FAILED, "error": error or "unknown", "finished": now, "lease_until": None}
    _held(calibration_id, attempt).update(**failed)


def _held(calibration_id: int, attempt: int) -> Any:
    return Calibration.objects.filter(pk=calibration_id, attempts=attempt, status=CalibrationStatus.WORKING)


def look_note(*, calibration: Calibration, by: str, now: datetime) -> bool:
    """Note that somebody looks at the test part; False when they did before."""
    return CalibrationLook.objects.get_or_create(calibration=calibration, by=by[:150], defaults={"at": now})[1]


def mutants_write(*, damaged: Sequence[Damaged], whole: Sequence[Event]) -> list[Mutant]:
    """Keep damaged copies of one play, ``whole`` as it was; those that are kept already stay as they are."""
    made = [
        Mutant(
            episode_id=one.episode, kind=one.kind, method=one.method, note=one.note, events=[msgspec.to_builtins(e) for e in one.events],
            place=_place(one.events, whole), length=len(one.events),
        )
        for one in damaged
    ]  # fmt: skip
    Mutant.objects.bulk_create(made, ignore_conflicts=True)
    wanted = {(one.kind, one.method) for one in damaged}
    rows = Mutant.objects.filter(episode_id__in={one.episode for one in damaged}).order_by("pk")
    return [row for row in rows if (row.kind, row.method) in wanted]


def _place(events: Sequence[Event], whole: Sequence[Event]) -> float:
    """Where the first event differs from those of the whole play, 0-1."""
    for i, (one, other) in enumerate(zip(events, whole, strict=False)):
        if (one.kind, one.payload) != (other.kind, other.payload):
            return i / len(events)
    return min(len(events), len(whole)) / max(1, len(events))


def findings_write(*, judge_version: str, findings: Mapping[int, Finding]) -> None:
    """Keep what a judge made of damaged plays, by their ids; what it said before of one that it failed at is written over."""
    MutantVerdict.objects.filter(judge_version=judge_version, mutant__in=list(findings), error=True).delete()
    MutantVerdict.objects.bulk_create(
        [
            MutantVerdict(
                mutant_id=mutant, judge_version=judge_version, passed=f.passed, named=f.named, overall=f.overall, fallen=list(f.fallen),
                reason=f.reason[:2000], error=f.error,
            )
            for mutant, f in findings.items()
        ],
        ignore_conflicts=True,
    )  # fmt: skip
