"""Judging finished episodes: a bench is set up once per process and slice, assesses in memory, and writes a batch in one transaction."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from functools import cache
from pathlib import Path

from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction

from judging.engine.assessment import Assessment, Assessor, FinishedEpisode
from judging.engine.judges.programmatic import KIND, judge_version
from judging.models import CheckResult, CriterionScore, Judgement, JudgeVersion, RubricVersion
from judging.services.adjudications import disputes_rejudged
from judging.services.rubrics import rubric_install, starter_rubric
from synthesis.engine.episode.ports import Worlds
from synthesis.engine.packs.model import Pack

PackLoader = Callable[[str], Pack]
"""Gives a release's pack by the release digest."""

_ROOT = Path(__file__).resolve().parent.parent.parent
_CODE = (
    "judging/engine/checks",
    "judging/engine/judges/programmatic.py",
    "judging/engine/aggregation.py",
    "judging/engine/attribution.py",
    "judging/engine/case.py",
    "judging/engine/claims.py",
    "judging/engine/gold.py",
    "synthesis/engine/episode/trajectory.py",
    "synthesis/engine/language",
    "synthesis/engine/scenarios/phases.py",
)
"""What the programmatic judge consists of; any change to it is another judge."""


@cache
def code_digest() -> str:
    """sha256 over the source of the programmatic judge."""
    paths = [_ROOT / part for part in _CODE]
    files = sorted(file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path]))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(_ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


class JudgeBench:
    """One judge, ready: its rubric as published, its version, and what its assessments need to be stored. Get it from ``judge_bench``."""

    def __init__(self, version: RubricVersion, assessor: Assessor) -> None:
        self.assessor = assessor
        self.rubric_version_id = version.pk
        self.criteria = dict(version.criteria.values_list("slug", "id"))
        self.judge_version = judge_version(assessor.rubric, code_digest())
        known = {"kind": KIND, "rubric_version": version, "identity": {"code": code_digest()}}
        JudgeVersion.objects.get_or_create(version=self.judge_version, defaults=known)

    async def assess(self, *, items: Sequence[FinishedEpisode], worlds: Worlds, packs: PackLoader) -> list[Assessment]:
        """Replay and judge ``items``; touches no database. What ``worlds`` raises passes through."""
        return [await self.assessor.assess(item, worlds, {w.domain: packs(w.release) for w in item.scenario.worlds}) for item in items]


def judge_bench() -> JudgeBench:
    """The programmatic judge with the starter rubric, published if it was not yet."""
    rubric = starter_rubric()
    return JudgeBench(rubric_install(rubric=rubric), Assessor(rubric))


def judgements_write(*, assessments: Sequence[Assessment], bench: JudgeBench, deciding: Collection[int] | None = None) -> int:
    """Store a batch in one transaction; returns how many were new. Episodes that this judge version has judged already are passed over.

    The new ones decide about the episodes ``deciding`` (None: about all), and whichever decided before stands beside them from then on.
    """
    try:
        return _write(assessments, bench, deciding)
    except IntegrityError:
        # Somebody judged one of them between our look and our insert: look again, once.
        return _write(assessments, bench, deciding)


def _write(assessments: Sequence[Assessment], bench: JudgeBench, deciding: Collection[int] | None) -> int:
    with transaction.atomic():
        judged = Judgement.objects.filter(judge_version=bench.judge_version, episode_id__in=[a.episode for a in assessments])
        known = set(judged.values_list("episode_id", flat=True))
        fresh = [a for a in {a.episode: a for a in assessments}.values() if a.episode not in known]
        counting = [a.episode for a in fresh if deciding is None or a.episode in deciding]
        replaced = Judgement.objects.filter(episode_id__in=counting, decides=True).update(decides=False)
        rows = Judgement.objects.bulk_create([_row(assessment, bench, assessment.episode in counting) for assessment in fresh])
        CriterionScore.objects.bulk_create(
            CriterionScore(judgement=row, criterion_id=bench.criteria[s.criterion], value=s.value, reason=s.reason, evidence=s.evidence)
            for row, assessment in zip(rows, fresh, strict=True)
            for s in assessment.judged.scores
        )
        CheckResult.objects.bulk_create(
            CheckResult(judgement=row, check_id=r.id, reason=r.reason, evidence=r.evidence, party=r.party, tag=r.tag, severity=r.severity)
            for row, assessment in zip(rows, fresh, strict=True)
            for r in assessment.judged.results
            if r.failed
        )
        if replaced:
            disputes_rejudged(episode_ids=counting)
        return len(fresh)


def _row(assessment: Assessment, bench: JudgeBench, decides: bool) -> Judgement:
    judged, failure = assessment.judged, assessment.judged.failure
    row = Judgement(
        episode_id=assessment.episode,
        judge=KIND,
        judge_version=bench.judge_version,
        decides=decides,
        rubric_version_id=bench.rubric_version_id,
        overall=judged.overall,
        passed=judged.passed,
        process_credit=judged.process_credit,
        hard_fails=judged.hard,
        checks={r.id: None if r.passed is None else round(r.value, 3) if r.passed else 0 for r in judged.results},
        error=judged.error or "",
        flaw=assessment.flaw,
        exact_digest=assessment.exact_digest,
        structural_digest=assessment.structural_digest,
    )
    if failure is not None:
        row.party, row.tag, row.severity = failure.party, failure.tag, failure.severity
        row.failed_check, row.reason, row.first_event = failure.check, failure.reason, failure.first_event
    return row


async def judge_episodes(*, items: Sequence[FinishedEpisode], worlds: Worlds, packs: PackLoader, bench: JudgeBench) -> list[Assessment]:
    """Assess ``items`` and store what came out, in one transaction. For callers without a writer thread of their own."""
    assessments = await bench.assess(items=items, worlds=worlds, packs=packs)
    await sync_to_async(judgements_write)(assessments=assessments, bench=bench)
    return assessments
