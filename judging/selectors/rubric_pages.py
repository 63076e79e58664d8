"""Rubrics as people look them up: lists, versions, and where each is used."""

from collections import Counter
from typing import NamedTuple

from django.db.models import Count

from judging.models import Criterion, Judgement, JudgeVersion, ReviewQueue, Rubric, RubricNote, RubricVersion
from judging.selectors.labels import labels


class RubricRow(NamedTuple):
    """A rubric, its newest version (None before the first), how many versions, queues that ask by it, and open notes on its questions."""

    rubric: Rubric
    newest: RubricVersion | None
    versions: int
    criteria: int
    queues: int
    notes: int


class VersionUse(NamedTuple):
    """A version and what rests on it: judges, judgements, review queues."""

    version: RubricVersion
    judges: int
    judgements: int
    queues: list[ReviewQueue]


def rubrics() -> list[RubricRow]:
    """Every rubric, by name; four queries."""
    newest: dict[int, RubricVersion] = {}
    counted: Counter[int] = Counter()
    for version in RubricVersion.objects.defer("body").annotate(asked=Count("criteria")).order_by("number"):
        newest[version.rubric_id] = version
        counted[version.rubric_id] += 1
    queues = Counter(ReviewQueue.objects.order_by().values_list("rubric_version__rubric", flat=True))
    notes = Counter(RubricNote.objects.filter(closed=None).order_by().values_list("criterion__version__rubric", flat=True))
    return [
        RubricRow(row, newest.get(row.pk), counted[row.pk], getattr(newest.get(row.pk), "asked", 0), queues[row.pk], notes[row.pk])
        for row in Rubric.objects.order_by("name", "pk")
    ]


def rubric_get(slug: str) -> Rubric | None:
    """A rubric, or None."""
    return Rubric.objects.filter(slug=slug).first()


def versions_of(rubric: Rubric) -> list[RubricVersion]:
    """Its versions with their bodies, newest first."""
    return list(RubricVersion.objects.filter(rubric=rubric).select_related("rubric").order_by("-number"))


def version_numbered(slug: str, number: int) -> RubricVersion | None:
    """A version by its number, or None."""
    return RubricVersion.objects.select_related("rubric").filter(rubric__slug=slug, number=number).first()


def uses(rubric: Rubric) -> list[VersionUse]:
    """What rests on each version, newest first; four queries."""
    judges = Counter(JudgeVersion.objects.filter(rubric_version__rubric=rubric).order_by().values_list("rubric_version", flat=True))
    counts = Judgement.objects.filter(rubric_version__rubric=rubric).order_by().values_list("rubric_version").annotate(n=Count("pk"))
    judged: dict[int, int] = dict(counts)
    queues: dict[int, list[ReviewQueue]] = {}
    for queue in ReviewQueue.objects.filter(rubric_version__rubric=rubric):
        queues.setdefault(queue.rubric_version_id, []).append(queue)
    rows = RubricVersion.objects.filter(rubric=rubric).select_related("rubric").defer("body").order_by("-number")
    return [VersionUse(row, judges[row.pk], judged.get(row.pk, 0), queues.get(row.pk, [])) for row in rows]


def open_notes(rubric: Rubric) -> dict[int, int]:
    """How many notes wait on each criterion (by its key)."""
    rows = RubricNote.objects.filter(closed=None, criterion__version__rubric=rubric).order_by().values_list("criterion")
    return dict(rows.annotate(n=Count("pk")))


def criterion_of(version: RubricVersion, slug: str) -> Criterion | None:
    """A question of a version by its id, or None."""
    return Criterion.objects.select_related("version__rubric").filter(version=version, slug=slug).first()


def criterion_keys(version: RubricVersion) -> dict[str, int]:
    """The keys of a version's criteria by their ids."""
    return dict(version.criteria.values_list("slug", "pk"))


def labels_by_criterion(version: RubricVersion) -> dict[str, int]:
    """How many labels count for each criterion of a version, those taken over included."""
    return Counter(label.criterion for label in labels(version))
