"""The studio at a glance: how much there is, how evenly runs cover domains and variations, which versions and files there are."""

from typing import NamedTuple

from django.db.models import Count, Q

from judging.models import DatasetVersion, Export, Judgement
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


def coverage(*, run: Run | None = None) -> dict[str, dict[str, int]]:
    """Judged episodes of ``run`` (of all runs without one) by domain, then by variation; both in order of name."""
    rows = Episode.objects.filter(status="judged").order_by("domain", "variation")
    rows = rows.filter(run=run) if run else rows
    found: dict[str, dict[str, int]] = {}
    for domain, variation, number in rows.values_list("domain", "variation").annotate(n=Count("pk")):
        found.setdefault(domain, {})[variation] = number
    return found


class Trust(NamedTuple):
    """How well judges do on what is known: slips that agents made on purpose, how many of them failed, and sound episodes that failed."""

    slips: int
    caught: int
    sound: int
    false_alarms: int


def trust() -> Trust:
    """Over all judged episodes; one query. Aggregates only: the truth about an episode is for nobody who judges it."""
    slipped = Q(episode__truth__slip__isnull=False)
    sound = Q(episode__truth__slip__isnull=True)
    rows = Judgement.objects.filter(decides=True).aggregate(
        slips=Count("pk", filter=slipped),
        caught=Count("pk", filter=slipped & Q(passed=False)),
        sound=Count("pk", filter=sound),
        false_alarms=Count("pk", filter=sound & Q(passed=False, party="agent")),
    )
    return Trust(**rows)


def version_of(*, run: Run) -> DatasetVersion | None:
    """The newest version made from ``run`` alone, or None."""
    return DatasetVersion.objects.filter(dataset__slug=run_slug(run.pk)).order_by("-pk").first()


def export_get(export_id: int) -> Export | None:
    """The export, or None."""
    return Export.objects.select_related("version__dataset").filter(pk=export_id).first()


def run_slug(run_id: int) -> str:
    """The slug of the dataset that a run leaves behind by itself. No other dataset begins like it."""
    return f"{RUN_SLUG}{run_id}"
