"""Rows of judging in pages by key: each list begins after the key of the last row of the page before, however long it is."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from judging.models import CheckResult, CriterionScore, Export, ExportJob, ExportJobStatus, Judgement
from synthesis.selectors.jobs import jobs_lost


def judgements(
    *,
    after: int | None = None,
    limit: int = 50,
    run: int | None = None,
    episode: int | None = None,
    passed: bool | None = None,
    tag: str | None = None,
    party: str | None = None,
    decides: bool | None = None,
    without: Collection[int] = (),
) -> Sequence[Judgement]:
    """Judgements, newest first, but those of the episodes ``without``; one query."""
    rows = Judgement.objects.select_related("rubric_version__rubric", "episode").defer("episode__cast", "rubric_version__body")
    rows = rows.exclude(episode_id__in=without)
    given: dict[str, Any] = {
        "episode__run_id": run,
        "episode_id": episode,
        "passed": passed,
        "tag": tag,
        "party": party,
        "decides": decides,
    }
    return _newest(rows.filter(**{name: value for name, value in given.items() if value is not None}), after, limit)


def judgement(judgement_id: int) -> Judgement | None:
    """One judgement, or None."""
    rows = Judgement.objects.select_related("rubric_version__rubric", "episode").defer("episode__cast", "rubric_version__body")
    return rows.filter(pk=judgement_id).first()


def criterion_scores(judgement_id: int) -> Sequence[CriterionScore]:
    """Scores of a judgement, in the rubric's order."""
    return list(CriterionScore.objects.filter(judgement_id=judgement_id).select_related("criterion").order_by("criterion__position"))


def broken_checks(judgement_id: int) -> Sequence[CheckResult]:
    """Checks that a judgement found broken."""
    return list(CheckResult.objects.filter(judgement_id=judgement_id).order_by("pk"))


def export_jobs(*, after: int | None = None, limit: int = 50, run: int | None = None, status: str | None = None) -> Sequence[ExportJob]:
    """Asked-for exports, newest first; one query."""
    given: dict[str, Any] = {"run_id": run, "status": status}
    rows = ExportJob.objects.select_related("version__dataset", "dataset")
    return _newest(rows.filter(**{name: value for name, value in given.items() if value is not None}), after, limit)


def export_job(job_id: int) -> ExportJob | None:
    """One asked-for export, or None."""
    return ExportJob.objects.select_related("version__dataset", "dataset", "run").filter(pk=job_id).first()


def export_files(version_id: int, folder: str) -> Sequence[Export]:
    """The files of a version that lie in ``folder``, by format."""
    rows = Export.objects.select_related("version__dataset").filter(version_id=version_id, path__startswith=folder.rstrip("/") + "/")
    return list(rows.order_by("format"))


def export_jobs_lost(*, now: datetime, asked_before: datetime) -> Sequence[int]:
    """Jobs that nobody writes although a worker was asked for before ``asked_before``, oldest first."""
    return jobs_lost(ExportJob.objects, working=ExportJobStatus.WRITING, now=now, asked_before=asked_before)


def _newest(rows: QuerySet[Any], after: int | None, limit: int) -> list[Any]:
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return list(rows.order_by("-pk")[:limit])
