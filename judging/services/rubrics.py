"""Rubrics into the database."""

from functools import cache
from pathlib import Path

import msgspec
from django.db import transaction
from django.db.models import Max

from judging.engine.rubric import Rubric
from judging.engine.rubric_text import read_rubric
from judging.models import Criterion, RubricVersion
from judging.models import Rubric as RubricRow

FOLDER = Path(__file__).resolve().parent.parent / "catalog" / "rubrics"


@cache
def starter_rubric() -> Rubric:
    """The rubric that the programmatic judge answers where nobody chose another."""
    return catalog_rubric("starter")


@cache
def judges_rubric() -> Rubric:
    """The rubric that model judges and panels answer where nobody chose another."""
    return catalog_rubric("judges")


def catalog_rubric(slug: str) -> Rubric:
    """A rubric of the starter catalogue."""
    return read_rubric((FOLDER / f"{slug}.yaml").read_text(encoding="utf-8"))


def rubrics_install() -> list[RubricVersion]:
    """Publish every rubric of the starter catalogue that is not there yet."""
    return [rubric_install(rubric=catalog_rubric(path.stem)) for path in sorted(FOLDER.glob("*.yaml"))]


def rubric_install(*, rubric: Rubric) -> RubricVersion:
    """Publish ``rubric`` as the newest version under its slug; the version that has its digest already, if there is one."""
    with transaction.atomic():
        known = RubricVersion.objects.filter(digest=rubric.digest).first()
        if known is not None:
            return known
        row, _ = RubricRow.objects.update_or_create(slug=rubric.slug, defaults={"name": rubric.name, "description": rubric.description})
        last = row.versions.aggregate(last=Max("number"))["last"] or 0
        version = RubricVersion.objects.create(
            rubric=row, number=last + 1, digest=rubric.digest, body=msgspec.to_builtins(rubric, str_keys=True)
        )
        Criterion.objects.bulk_create(
            Criterion(version=version, slug=c.id, position=i, question=c.question, weight=c.weight, hard=c.hard, answered_by=c.answered_by)
            for i, c in enumerate(rubric.criteria)
        )
        return version
