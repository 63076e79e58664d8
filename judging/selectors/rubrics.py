"""Rubrics as people answer them."""

import msgspec

from judging.engine.rubric import Rubric
from judging.models import RubricVersion


def rubric_of(version: RubricVersion) -> Rubric:
    """The rubric of a version. JSON made texts of the anchors' values."""
    return msgspec.convert(version.body, Rubric, strict=False)


def versions() -> list[RubricVersion]:
    """Every published version of every rubric, newest first."""
    return list(RubricVersion.objects.select_related("rubric").defer("body").order_by("-pk"))
