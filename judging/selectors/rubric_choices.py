"""Rubrics that are attached to domains and scenarios."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Q

from judging.models import Rubric, RubricChoice, RubricVersion
from synthesis.models import Domain, Scenario


class Attached(NamedTuple):
    """The newest versions that domains (by slug) and scenarios (by digest) want."""

    domains: dict[str, RubricVersion]
    scenarios: dict[str, RubricVersion]


def attached(domains: Collection[str] = ()) -> Attached:
    """What the ``domains`` and their scenarios want; of all domains without any. Two queries."""
    rows = RubricChoice.objects.select_related("domain")
    if domains:
        rows = rows.filter(Q(domain__slug__in=domains) | Q(scenario__release__domain__slug__in=domains))
    choices = list(rows.order_by("pk"))
    versions = RubricVersion.objects.filter(rubric__in={choice.rubric_id for choice in choices}).select_related("rubric").order_by("number")
    newest = {version.rubric_id: version for version in versions}
    return Attached(
        {choice.domain.slug: newest[choice.rubric_id] for choice in choices if choice.domain},
        {choice.scenario_id: newest[choice.rubric_id] for choice in choices if choice.scenario_id},
    )


def choice_of(thing: Domain | Scenario) -> RubricChoice | None:
    """What is attached to a domain or a scenario itself, with its rubric; or None."""
    rows = RubricChoice.objects.select_related("rubric")
    return (rows.filter(domain=thing) if isinstance(thing, Domain) else rows.filter(scenario=thing)).first()


def rubrics_to_choose() -> list[Rubric]:
    """Rubrics that have a version, by name."""
    return list(Rubric.objects.filter(versions__isnull=False).distinct().order_by("name", "pk"))


def choices_of(rubric: Rubric, limit: int = 50) -> list[RubricChoice]:
    """Where a rubric is attached, domains first."""
    rows = RubricChoice.objects.filter(rubric=rubric).select_related("domain", "scenario__release__domain")
    return list(rows.defer("scenario__body", "domain__pack_text").order_by("scenario", "domain__slug")[:limit])
