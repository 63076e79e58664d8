"""How the making of episodes goes: how many ended when, who works, what waits, what fails. Windows, never the whole history."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F, Max, Min, Q, Sum
from django.db.models.fields.json import KT

from synthesis.models import Episode, RunStatus, Slice, SliceStatus, Tool
from synthesis.selectors.catalog import active_releases
from synthesis.selectors.timeline import Step

LONG = ("release__pack_text", "release__pack", "release__audit", "release__domain__pack_text", "parameters", "returns")


class Ended(NamedTuple):
    """Episodes that ended within a step, and the events of their logs."""

    episodes: int
    events: int


def ended_by_step(since: datetime, seconds: int) -> dict[int, Ended]:
    """Episodes that ended after ``since`` by step of time."""
    rows = Episode.objects.filter(finished__gte=since).order_by().annotate(step=Step("finished", seconds)).values_list("step")
    return {step: Ended(n, events or 0) for step, n, events in rows.annotate(n=Count("pk"), logged=Sum("next_seq"))}


def ended_since(since: datetime) -> int:
    """How many episodes of any run ended at ``since`` or later."""
    return Episode.objects.filter(finished__gte=since).count()


def playing_now(run_ids: Sequence[int], limit: int) -> list[Episode]:
    """Episodes of these runs that are being played, the newest first."""
    rows = Episode.objects.filter(run_id__in=run_ids, status="playing").order_by("-pk")
    return list(rows.only("domain", "variation", "run_id", "index")[:limit])


def slices_now(now: datetime, limit: int = 50) -> list[Slice]:
    """Slices at work, longest at it first."""
    return list(Slice.objects.filter(status=SliceStatus.AT_WORK, lease_until__gte=now).order_by("started")[:limit])


class Losses(NamedTuple):
    """What went wrong with the work itself since a moment: slices whose worker was gone, that nobody took; episodes that crash just now."""

    lost: int
    untaken: int
    crashing: int


def losses(since: datetime) -> Losses:
    """Losses since then; two queries."""
    lapsed = Slice.objects.filter(status=SliceStatus.OVER, ended__gte=since, lease_until__lt=F("ended"))
    counted = lapsed.aggregate(untaken=Count("pk", filter=Q(started=None)), lost=Count("pk", filter=~Q(started=None)))
    return Losses(
        counted["lost"], counted["untaken"], Episode.objects.filter(crashes__gt=0, status__in=["queued", "playing", "played"]).count()
    )


class Waiting(NamedTuple):
    """Episodes of running runs that nobody plays yet: how many, in how many runs, and when the oldest of those runs was started."""

    episodes: int
    runs: int
    since: datetime | None


def waiting() -> Waiting:
    """What waits to be generated or played."""
    rows = Episode.objects.filter(status__in=["planned", "queued"], run__status=RunStatus.RUNNING)
    found = rows.aggregate(n=Count("pk"), runs=Count("run", distinct=True), since=Min("run__created"))
    return Waiting(found["n"], found["runs"], found["since"])


class Failure(NamedTuple):
    """Episodes that came to nothing for one reason in runs since a moment, and the newest of them."""

    status: str
    kind: str
    episodes: int
    sample: int


def failures(since: datetime) -> list[Failure]:
    """Errors by class, most frequent first, of runs that were under way after ``since``."""
    alive = Q(run__finished__gte=since) | Q(run__finished__isnull=True)
    rows = Episode.objects.filter(alive, status__in=["unfilled", "failed"]).order_by().annotate(why=KT("failure__kind"))
    counted = rows.values_list("status", "why").annotate(n=Count("pk"), sample=Max("pk")).order_by("-n", "status", "why")
    return [Failure(status, str(kind or ""), n, sample) for status, kind, n, sample in counted]


def tools_by_errors(limit: int = 20) -> list[Tool]:
    """Tools of the newest releases of active domains that were called, those with the greatest share of errors first."""
    newest = active_releases().values()
    rows = Tool.objects.filter(release__in=newest, calls__gt=0).select_related("release__domain").defer(*LONG)
    share = F("failures") * 1.0 / F("calls")
    return list(rows.annotate(share=share).order_by("-share", "-calls", "name")[:limit])


class Struggle(NamedTuple):
    """A running run and how many of its ended episodes came to nothing."""

    run_id: int
    ended: int
    failed: int


def struggling(least: int, share: float) -> list[Struggle]:
    """Running runs of whose ``least`` or more ended episodes at least ``share`` failed or found no scenario, worst first."""
    rows = (
        Episode.objects.filter(run__status=RunStatus.RUNNING, status__in=["judged", "failed", "unfilled"]).order_by().values_list("run_id")
    )
    counted = rows.annotate(ended=Count("pk"), bad=Count("pk", filter=~Q(status="judged")))
    found = [Struggle(*row) for row in counted if row[1] >= least and row[2] / row[1] >= share]
    return sorted(found, key=lambda row: (-row.failed / row.ended, row.run_id))
