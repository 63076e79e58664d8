"""The programmatic judge: criteria answered from checks. The default; no model, no cost, the same answer every time."""

import hashlib
from collections.abc import Sequence

import msgspec

from judging.engine.aggregation import hard_fails, overall
from judging.engine.attribution import Failure, attribute
from judging.engine.case import Case
from judging.engine.check_limits import applies_to, limit_of
from judging.engine.checks.check import CheckResult
from judging.engine.checks.registry import run_checks
from judging.engine.rubric import BEST, Criterion, CriterionScore, Rubric

KIND = "programmatic"


class Judged(msgspec.Struct, frozen=True):
    """A judge's view of one episode.

    ``passed`` is the outcome by checks alone; ``overall`` 0-5; ``hard`` the failed hard criteria; ``process_credit`` 0-1; ``error`` is
    set, and scores are absent, when the judge itself failed.
    """

    results: list[CheckResult]
    scores: list[CriterionScore]
    overall: float | None
    passed: bool
    hard: list[str]
    process_credit: float
    failure: Failure | None
    error: str | None = None


def judge_version(rubric: Rubric, code: str) -> str:
    """sha256 that names this judge: its kind, the rubric version's digest, and ``code``, a digest of the checks' source (which is its
    prompt and parser).
    """
    return hashlib.sha256(msgspec.json.encode([KIND, rubric.digest, code])).hexdigest()


def judge(case: Case, rubric: Rubric) -> Judged:
    """Answer ``rubric`` for ``case``. Never raises for anything in the case: a check that breaks is a judge's error, kept as data, never
    a score of 0.
    """
    try:
        results = run_checks(case)
        scores = [_score(case, criterion, {r.id: r for r in results}) for criterion in rubric.criteria]
        failure = attribute(results)
        return Judged(results, scores, overall(rubric, scores), failure is None, hard_fails(scores), case.gold.credit, failure)
    except Exception as error:  # noqa: BLE001 - the one border at which a judge's fault becomes data
        words = f"{type(error).__name__}: {error}"
        return Judged([], [], None, False, [], 0.0, Failure("judge", "judge_error", "critical", "", words, None), words)


def limits_of(case: Case, rubric: Rubric, results: Sequence[CheckResult]) -> list[CriterionScore]:
    """The most that checks leave of every criterion, whoever answers it; value None where no check of it applies."""
    by_id = {result.id: result for result in results}
    return [_limited(case, criterion, by_id) for criterion in rubric.criteria]


def _score(case: Case, criterion: Criterion, results: dict[str, CheckResult]) -> CriterionScore:
    if criterion.answered_by == "judge":
        return CriterionScore(criterion.id, None, "does not apply")
    return _limited(case, criterion, results)


def _limited(case: Case, criterion: Criterion, results: dict[str, CheckResult]) -> CriterionScore:
    asked = [results[check] for check in criterion.checks if results[check].passed is not None]
    if not applies(criterion, case) or not asked:
        return CriterionScore(criterion.id, None, "does not apply")
    limits = [(_limit(criterion, result), result) for result in asked]
    value, worst = min(limits, key=lambda pair: pair[0])
    reason = (
        worst.reason if value < BEST and worst.reason else criterion.scale[min(criterion.scale, key=lambda anchor: abs(anchor - value))]
    )
    evidence = sorted({seq for limit, result in limits if limit < BEST for seq in result.evidence}) if value < BEST else _support(asked)
    return CriterionScore(criterion.id, round(value, 3), reason, evidence[:20], criterion.hard and value < criterion.pass_at)


def _limit(criterion: Criterion, result: CheckResult) -> float:
    return limit_of(criterion, result.id, result.failed, result.value)


def _support(results: Sequence[CheckResult]) -> list[int]:
    return sorted({seq for result in results for seq in result.evidence})


def applies(criterion: Criterion, case: Case) -> bool:
    """Whether the kind of scenario lets the criterion be asked."""
    return applies_to(criterion, answerable=case.scenario.answerable, calls=bool(case.trajectory.calls))
