"""Datasets as people look at them: the shelf, one version, its rows."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db.models import Count, Max

from judging.models import Criterion, Dataset, DatasetRow, DatasetVersion, Export, ExportJob, ExportJobStatus, Judgement
from judging.selectors.candidates import LANGUAGE
from synthesis.models import Run

MIXES = {
    "domain": "episode__domain",
    "variation": "episode__variation",
    "difficulty": "episode__scenario__difficulty",
    "language": "language",
}
"""By what kept rows are counted, and where that stands."""


class Shelf(NamedTuple):
    """A dataset, its newest version (None while the first is being made), how many there are, and the newest file of each format."""

    dataset: Dataset
    version: DatasetVersion | None
    versions: int
    files: list[Export]


def datasets(*, before: int | None = None, limit: int = 50) -> list[Shelf]:
    """Datasets, newest first; three queries."""
    rows = Dataset.objects.annotate(newest=Max("versions__pk"), number=Count("versions")).order_by("-pk")
    found = list((rows if before is None else rows.filter(pk__lt=before))[:limit])
    versions = DatasetVersion.objects.prefetch_related("exports").in_bulk([row.newest for row in found if row.newest])
    return [
        Shelf(row, version, row.number, newest_files(list(version.exports.all())) if version else [])
        for row, version in ((row, versions.get(row.newest)) for row in found)
    ]


def newest_files(exports: Sequence[Export]) -> list[Export]:
    """The newest file of each format, by format."""
    return sorted({export.format: export for export in sorted(exports, key=lambda export: export.pk)}.values(), key=lambda e: e.format)


def version_get(version_id: int) -> DatasetVersion | None:
    """A version with its dataset, runs and files, or None."""
    rows = DatasetVersion.objects.select_related("dataset").prefetch_related("sources__run", "exports")
    return rows.filter(pk=version_id).first()


def versions_beside(version: DatasetVersion, limit: int = 20) -> list[DatasetVersion]:
    """The newest versions of the same dataset, itself among them."""
    return list(DatasetVersion.objects.filter(dataset_id=version.dataset_id).order_by("-number")[:limit])


def mixes(version: DatasetVersion) -> dict[str, dict[str, int]]:
    """Kept rows by domain, variation, difficulty and language, each in order of name; one query."""
    kept = version.rows.filter(gate="").order_by().annotate(language=LANGUAGE)
    found: dict[str, dict[str, int]] = {name: {} for name in MIXES}
    for *values, number in kept.values_list(*MIXES.values()).annotate(n=Count("pk")):
        for name, value in zip(MIXES, values, strict=True):
            found[name][str(value)] = found[name].get(str(value), 0) + number
    return {name: dict(sorted(counted.items())) for name, counted in found.items()}


def rows_of(
    version: DatasetVersion,
    *,
    gate: str = "",
    reason: str = "",
    domain: str = "",
    variation: str = "",
    after: int = -1,
    limit: int = 50,
    without: Collection[int] = (),
) -> list[DatasetRow]:
    """Rows that ``gate`` removed (for ``reason``), or kept ones where ``gate`` is empty, after position ``after``; none of the episodes
    ``without``."""
    wanted = {"reason": reason, "episode__domain": domain, "episode__variation": variation}
    rows = version.rows.filter(gate=gate, position__gt=after, **{name: value for name, value in wanted.items() if value})
    rows = rows.exclude(episode_id__in=without) if without else rows
    columns = ("episode__index", "episode__run_id", "episode__domain", "episode__variation", "judgement__overall")
    own = ("version_id", "position", "gate", "reason", "twin", "episode_id", "judgement_id")
    return list(rows.select_related("episode", "judgement").only(*own, *columns).order_by("position")[:limit])


def criteria_of(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """The criteria (slug, question) by which episodes of ``runs`` were judged, rubric by rubric, the newest first, each in its order."""
    used = Judgement.objects.filter(episode__run__in=[run.pk for run in runs], decides=True).order_by()
    versions = list(used.values_list("rubric_version", flat=True).distinct())
    found: dict[str, str] = {}
    for slug, question in Criterion.objects.filter(version__in=versions).order_by("-version", "position").values_list("slug", "question"):
        found.setdefault(slug, question)
    return list(found.items())


def jobs_open(*, dataset_id: int | None = None, limit: int = 20) -> list[ExportJob]:
    """Asked-for files that are not there yet, newest first."""
    rows = ExportJob.objects.filter(status__in=[ExportJobStatus.QUEUED, ExportJobStatus.WRITING]).select_related("dataset", "version")
    if dataset_id is not None:
        rows = rows.filter(dataset_id=dataset_id)
    return list(rows.order_by("-pk")[:limit])
