"""Rubrics into the database."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml
from django.db import transaction
from django.db.models import Max

from judging.engine.checks.registry import CHECKS
from judging.engine.rubric import Rubric, RubricError, rubric_from
from judging.models import Criterion, RubricVersion
from judging.models import Rubric as RubricRow

STARTER = Path(__file__).resolve().parent.parent / "catalog" / "rubrics" / "starter.yaml"


def read_rubric(text: str) -> Rubric:
    """The rubric of a YAML text. Raises RubricError naming place and remedy."""
    try:
        data: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RubricError(f"rubric is not YAML: {error}") from error
    if not isinstance(data, dict):
        raise RubricError("rubric: a mapping with slug, name, description and criteria is needed")
    return rubric_from(data, frozenset(CHECKS))


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
