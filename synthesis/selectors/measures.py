"""Figures about making episodes, for whoever watches the studio from outside."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F, Max, Min, Q, Sum
from django.db.models.functions import Greatest

from synthesis.models import Episode, EpisodeStatus, Run, RunStatus, Slice, SliceStatus


class EpisodeFigures(NamedTuple):
    """Episodes by status; events in all logs; claims after the first, which are episodes taken over or handed back."""

    by_status: dict[str, int]
    events: int
    repeated_claims: int


def episode_figures() -> EpisodeFigures:
    """One query over the episodes."""
    rows = (
        Episode.objects.order_by()
        .values_list("status")
        .annotate(number=Count("pk"), logged=Sum("next_seq"), again=Sum(Greatest(F("attempts"), 1) - 1))
    )
    by_status, events, repeated = dict.fromkeys(EpisodeStatus.values, 0), 0, 0
    for status, number, of_events, of_claims in rows:
        by_status[status] = number
        events += of_events or 0
        repeated += of_claims or 0
    return EpisodeFigures(by_status, events, repeated)


def runs_by_status() -> dict[str, int]:
    """How many runs stand where; every status is a key."""
    return dict.fromkeys(RunStatus.values, 0) | dict(Run.objects.order_by().values_list("status").annotate(n=Count("pk")))


def slices_by_status() -> dict[str, int]:
    """How many slices stand where; every status is a key."""
    return dict.fromkeys(SliceStatus.values, 0) | dict(Slice.objects.order_by().values_list("status").annotate(n=Count("pk")))


def slices_lapsed() -> dict[str, int]:
    """Slices whose lease ran out: ``unanswered``, no worker came, and ``lost``, its worker died."""
    lapsed = Slice.objects.filter(status=SliceStatus.OVER, lease_until__lt=F("ended"))
    return lapsed.aggregate(unanswered=Count("pk", filter=Q(started=None)), lost=Count("pk", filter=~Q(started=None)))


def last_claim() -> datetime | None:
    """When a slice was last taken."""
    newest: datetime | None = Slice.objects.aggregate(newest=Max("started"))["newest"]
    return newest


def waiting_since(now: datetime) -> datetime | None:
    """Since when work has been asked for without any slice being taken; None while slices are at work or nothing waits.

    However often a slice that nobody took was asked for anew, the first asking counts.
    """
    if Slice.objects.filter(status=SliceStatus.AT_WORK, lease_until__gte=now).exists():
        return None
    unanswered = Slice.objects.filter(started=None, run__status=RunStatus.RUNNING)
    last = last_claim()
    if last is not None:
        unanswered = unanswered.filter(created__gt=last)
    first: datetime | None = unanswered.aggregate(first=Min("created"))["first"]
    return first
