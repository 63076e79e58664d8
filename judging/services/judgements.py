"""Judging finished episodes: a bench is set up once per process and slice, assesses in memory, and writes a batch in one transaction."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction

from judging.engine.assessment import Assessment, Assessor, FinishedEpisode, case_of
from judging.engine.case import Case
from judging.engine.judges.programmatic import KIND, judge_version
from judging.models import CheckResult, CriterionScore, Judgement, JudgeVersion, RubricVersion
from judging.selectors.rubrics import rubric_of, rubric_version
from judging.services.adjudications import disputes_rejudged
from judging.services.rubrics import catalog_install
from synthesis.engine.episode.ports import Worlds
from synthesis.engine.packs.model import Pack

PackLoader = Callable[[str], Pack]
"""Gives a release's pack by the release digest."""

_ROOT = Path(__file__).resolve().parent.parent.parent
_CODE = (
    "judging/engine/checks",
    "judging/engine/judges/programmatic.py",
    "judging/engine/check_limits.py",
    "judging/engine/aggregation.py",
    "judging/engine/attribution.py",
    "judging/engine/case.py",
    "judging/engine/claims.py",
    "judging/engine/excuses.py",
    "judging/engine/gold.py",
    "synthesis/engine/episode/trajectory.py",
    "synthesis/engine/language",
    "synthesis/engine/scenarios/phases.py",
)
"""What the programmatic judge consists of; any change to it is another judge."""


@cache
def code_digest(*more: str) -> str:
    """sha256 over the source of the programmatic judge, and of ``more``."""
    paths = [_ROOT / part for part in (*_CODE, *more)]
    files = sorted(file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path]))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(_ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


class Bench:
    """One judge, ready: its kind and version, and what its assessments need to be stored. ``identity`` is what the version is a hash of."""

    def __init__(self, kind: str, version: RubricVersion, judge: str, identity: Mapping[str, Any]) -> None:
        self.kind, self.judge_version = kind, judge
        self.rubric_version_id = version.pk
        self.criteria = dict(version.criteria.values_list("slug", "id"))
        known = {"kind": kind, "rubric_version": version, "identity": dict(identity)}
        JudgeVersion.objects.get_or_create(version=judge, defaults=known)


class JudgeBench(Bench):
    """The programmatic judge with a rubric. Get it from ``judge_bench``."""

    def __init__(self, version: RubricVersion, assessor: Assessor) -> None:
        super().__init__(KIND, version, judge_version(assessor.rubric, code_digest()), {"code": code_digest()})
        self.assessor = assessor

    async def assess(self, *, items: Sequence[FinishedEpisode], worlds: Worlds, packs: PackLoader) -> list[Assessment]:
        """Replay and judge ``items``; touches no database. What ``worlds`` raises passes through."""
        return [(await self.examine(item=item, worlds=worlds, packs=packs))[1] for item in items]

    async def examine(self, *, item: FinishedEpisode, worlds: Worlds, packs: PackLoader) -> tuple[Case, Assessment]:
        """The same for one episode, with the case for whoever else is to judge it."""
        case = await case_of(item, worlds, {world.domain: packs(world.release) for world in item.scenario.worlds})
        return case, self.assessor.judge(item, case)


def judge_bench(digest: str = "") -> JudgeBench:
    """The programmatic judge with the rubric version of that digest; "": with the starter rubric, published if it was not yet.

    Raises RubricMissing.
    """
    version = rubric_version(digest) if digest else catalog_install(slug="starter")
    return JudgeBench(version, Assessor(rubric_of(version)))


def judgements_write(*, assessments: Sequence[Assessment], bench: Bench, deciding: Collection[int] | None = None) -> int:
    """Store a batch in one transaction; returns how many were new. Episodes that this judge version has judged already are passed over,
    but for those where it failed and does not decide: its second try takes the place of the first.

    The new ones decide about the episodes ``deciding`` (None: about all), and whichever decided before stands beside them from then on.
    """
    try:
        return _write(assessments, bench, deciding)
    except IntegrityError:
        # Somebody judged one of them between our look and our insert: look again, once.
        return _write(assessments, bench, deciding)


def _write(assessments: Sequence[Assessment], bench: Bench, deciding: Collection[int] | None) -> int:
    with transaction.atomic():
        judged = Judgement.objects.filter(judge_version=bench.judge_version, episode_id__in=[a.episode for a in assessments])
        judged.exclude(error="").filter(decides=False).delete()
        known = set(judged.values_list("episode_id", flat=True))
        fresh = [a for a in {a.episode: a for a in assessments}.values() if a.episode not in known]
        counting = [a.episode for a in fresh if deciding is None or a.episode in deciding]
        replaced = Judgement.objects.filter(episode_id__in=counting, decides=True).update(decides=False)
        rows = Judgement.objects.bulk_create([_row(assessment, bench, assessment.episode in counting) for assessment in fresh])
        CriterionScore.objects.bulk_create(
            score for row, assessment in zip(rows, fresh, strict=True) for score in _scores(row, assessment, bench)
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


def _scores(row: Judgement, assessment: Assessment, bench: Bench) -> Iterator[CriterionScore]:
    splits = {split.criterion: split for split in assessment.splits}
    for score in assessment.judged.scores:
        split = splits.get(score.criterion)
        yield CriterionScore(
            judgement=row,
            criterion_id=bench.criteria[score.criterion],
            value=score.value,
            reason=score.reason,
            evidence=score.evidence,
            votes=split.values if split else [],
            spread=split.spread if split else None,
        )


def _row(assessment: Assessment, bench: Bench, decides: bool) -> Judgement:
    judged, failure = assessment.judged, assessment.judged.failure
    row = Judgement(
        episode_id=assessment.episode,
        judge=bench.kind,
        judge_version=bench.judge_version,
        decides=decides,
        rubric_version_id=bench.rubric_version_id,
        overall=judged.overall,
        passed=judged.passed,
        process_credit=judged.process_credit,
        hard_fails=judged.hard,
        checks={r.id: None if r.passed is None else round(r.value, 3) if r.passed else 0 for r in judged.results},
        error=judged.error or "",
        disputed=any(split.disputed for split in assessment.splits),
        cost=assessment.usage.cost,
        tokens=assessment.usage.prompt_tokens + assessment.usage.completion_tokens,
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
