"""Rubrics into the database."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
import yaml
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from judging.engine.rubric import Rubric
from judging.engine.rubric_diff import became
from judging.engine.rubric_text import read_rubric
from judging.models import Criterion, CriterionLink, Meaning, RubricVersion
from judging.models import Rubric as RubricRow
from judging.selectors.rubric_drafts import newest_of
from judging.selectors.rubrics import rubric_of
from judging.services.rubric_lineage import links_declare, queues_go_on

FOLDER = Path(__file__).resolve().parent.parent / "catalog" / "rubrics"


def starter_rubric() -> Rubric:
    """The rubric that the programmatic judge answers where nobody chose another."""
    return catalog_rubric("starter")


def judges_rubric() -> Rubric:
    """The rubric that model judges and panels answer where nobody chose another."""
    return catalog_rubric("judges")


def catalog_rubric(slug: str) -> Rubric:
    """A rubric of the starter catalogue."""
    return _read(FOLDER / f"{slug}.yaml")[0]


@cache
def _read(path: Path) -> tuple[Rubric, Mapping[str, Mapping[str, str]]]:
    text = path.read_text(encoding="utf-8")
    return read_rubric(text), msgspec.convert(yaml.safe_load(text).get("became", {}), dict[str, dict[str, Meaning]])


def catalog_meanings(slug: str) -> Mapping[str, Mapping[str, str]]:
    """What a rubric of the catalogue declares of criteria whose wording changed: {digest of a version before: {criterion: meaning}}."""
    return _read(FOLDER / f"{slug}.yaml")[1]


def rubrics_install() -> list[RubricVersion]:
    """Publish every rubric of the starter catalogue that is not there yet."""
    return [catalog_install(slug=path.stem) for path in sorted(FOLDER.glob("*.yaml"))]


def catalog_install(*, slug: str) -> RubricVersion:
    """A rubric of the starter catalogue as it is published here; published if it is not there yet.

    Where people have published a version of their own, the catalogue changes nothing: the newest of theirs stays the newest.
    """
    rubric, newest = catalog_rubric(slug), newest_of(slug)
    known = RubricVersion.objects.filter(digest=rubric.digest).first()
    if known is not None or newest is None:
        return known or rubric_install(rubric=rubric)
    if CriterionLink.objects.filter(version__rubric=newest.rubric_id).exclude(by="").exists():
        return newest
    return rubric_install(rubric=rubric, meanings=catalog_meanings(slug).get(newest.digest, {}))


def rubric_install(*, rubric: Rubric, meanings: Mapping[str, str] | None = None) -> RubricVersion:
    """Publish ``rubric`` as the newest version under its slug; the version that has its digest already, if there is one.

    It is noted what became of everything that the version before asked: ``meanings`` says so of criteria that are worded differently;
    labels of what nobody vouches for stay behind. Active review queues go on under the new version.
    """
    with transaction.atomic():
        known = RubricVersion.objects.filter(digest=rubric.digest).first()
        if known is not None:
            return known
        before = newest_of(rubric.slug)
        version = version_add(rubric=rubric)
        if before is not None:
            declared = became(rubric_of(before), rubric, meanings or {})
            links_declare(before=before, version=version, declared=declared, by="")
            queues_go_on(before=before, version=version, declared=declared, by="", now=timezone.now())
        return version


def version_add(*, rubric: Rubric) -> RubricVersion:
    """Publish ``rubric`` as the newest version under its slug, with its criteria and nothing else."""
    with transaction.atomic():
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
