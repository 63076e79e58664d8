"""Rubrics as people answer them."""

import msgspec

from judging.engine.rubric import Rubric
from judging.models import RubricVersion


class RubricMissing(LookupError):
    """There is no such version of a rubric."""


def rubric_of(version: RubricVersion) -> Rubric:
    """The rubric of a version. JSON made texts of the anchors' values."""
    return msgspec.convert(version.body, Rubric, strict=False)


def versions() -> list[RubricVersion]:
    """Every published version of every rubric, newest first."""
    return list(RubricVersion.objects.select_related("rubric").defer("body").order_by("-pk"))


def rubric_version(digest: str) -> RubricVersion:
    """The version of that digest. Raises RubricMissing."""
    found = RubricVersion.objects.select_related("rubric").filter(digest=digest).first()
    if found is None:
        raise RubricMissing(f"There is no rubric version {digest[:12]!r}.")
    return found


def newest_version(slug: str) -> RubricVersion:
    """The newest version of a rubric. Raises RubricMissing."""
    found = RubricVersion.objects.select_related("rubric").filter(rubric__slug=slug).order_by("-number").first()
    if found is None:
        raise RubricMissing(f"There is no rubric called {slug!r}.")
    return found


def rubric_name(digest: str) -> str:
    """What people call a version: the rubric's name and its number; "" when there is no such version."""
    found = RubricVersion.objects.select_related("rubric").defer("body").filter(digest=digest).first() if digest else None
    return f"{found.rubric.name} ({found.number})" if found else ""
