"""The studio at a glance: how much there is, how evenly runs cover domains and variations, which versions and files there are."""

from typing import NamedTuple

from django.db.models import Count

from judging.models import DatasetVersion, Export
from synthesis.models import Domain, Episode, Run, Scenario, Tool

RUN_SLUG = "run-"


class Totals(NamedTuple):
    """Numbers of rows in the whole studio."""

    domains: int
    tools: int
    scenarios: int
    episodes: int
    versions: int


def totals() -> Totals:
    """How much there is."""
    return Totals(
        domains=Domain.objects.count(),
        tools=Tool.objects.count(),
        scenarios=Scenario.objects.count(),
        episodes=Episode.objects.filter(status="judged").count(),
        versions=DatasetVersion.objects.count(),
    )


def coverage(*, run: Run) -> dict[str, dict[str, int]]:
    """Judged episodes of ``run`` by domain, then by variation; domains and variations in order of name."""
    rows = Episode.objects.filter(run=run, status="judged").order_by("domain", "variation")
    found: dict[str, dict[str, int]] = {}
    for domain, variation, number in rows.values_list("domain", "variation").annotate(n=Count("pk")):
        found.setdefault(domain, {})[variation] = number
    return found


def version_of(*, run: Run) -> DatasetVersion | None:
    """The newest version made from ``run`` alone, or None."""
    return DatasetVersion.objects.filter(dataset__slug=run_slug(run.pk)).order_by("-pk").first()


def export_get(export_id: int) -> Export | None:
    """The export, or None."""
    return Export.objects.select_related("version__dataset").filter(pk=export_id).first()


def run_slug(run_id: int) -> str:
    """The slug of the dataset that a run leaves behind by itself. No other dataset begins like it."""
    return f"{RUN_SLUG}{run_id}"
