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

STARTER = Path(__file__).resolve().parent.parent / "catalog" / "rubrics" / "starter.yaml"


@cache
def starter_rubric() -> Rubric:
    """The rubric of the starter catalogue."""
    return read_rubric(STARTER.read_text(encoding="utf-8"))


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
