"""Slices and their leases: asking for a turn of work, taking it, staying alive, and being given up for dead."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from synthesis.models import Episode, RunPart, Slice, SliceStatus
from synthesis.models.run import RunStatus

HELD = ("playing", "played")


def slice_ask(*, run_id: int, patience: timedelta, now: datetime) -> int:
    """Note that a slice of the run was asked for and return its id; after ``patience`` without an answer it counts as lost."""
    return Slice.objects.create(run_id=run_id, lease_until=now + patience).pk


def slice_withdraw(*, slice_id: int, now: datetime) -> None:
    """The asking did not get through: the slice no longer counts as asked for."""
    Slice.objects.filter(pk=slice_id, status=SliceStatus.ASKED).update(status=SliceStatus.OVER, ended=now, lease_until=now)


def slice_take(*, slice_id: int, worker: str, lease: timedelta, now: datetime) -> bool:
    """Start an asked-for slice. False when the message was doubled, came too late, or the run is no longer under way."""
    asked = Slice.objects.filter(pk=slice_id, status=SliceStatus.ASKED, run__status=RunStatus.RUNNING)
    return bool(asked.update(status=SliceStatus.AT_WORK, worker=worker, lease_until=now + lease, started=now))


def slice_renew(*, slice_id: int, lease: timedelta, now: datetime) -> bool:
    """Prolong the leases of the slice and of all it holds. False when the slice was given up for dead."""
    until = now + lease
    alive = Slice.objects.filter(pk=slice_id, status=SliceStatus.AT_WORK).update(lease_until=until)
    if alive:
        _prolong(slice_id, until)
        RunPart.objects.filter(holder=slice_id, done=False, lease_until__isnull=False).update(lease_until=until)
    return bool(alive)


def _prolong(slice_id: int, until: datetime) -> None:
    held = Episode.objects.filter(holder=slice_id, status__in=HELD)
    if connection.vendor != "postgresql":
        held.update(lease_until=until)
        return
    # A row a transaction: who waits while holding nothing is in no ring with the writers, which hold many episodes at once.
    for episode in list(held.values_list("pk", flat=True)):
        held.filter(pk=episode).update(lease_until=until)


def slice_end(*, slice_id: int, played: int, now: datetime) -> None:
    """The slice is over; what it could not hand back itself waits for its lease to end."""
    Slice.objects.filter(pk=slice_id).update(status=SliceStatus.OVER, ended=now, lease_until=now, played=played)


def slices_lost(*, slices: Sequence[int], now: datetime) -> int:
    """The processes of these slices are known to be dead: end all their leases at once. Returns how many episodes that frees."""
    past = now - timedelta(seconds=1)
    with transaction.atomic():
        Slice.objects.filter(pk__in=slices).exclude(status=SliceStatus.OVER).update(status=SliceStatus.OVER, ended=now, lease_until=past)
        RunPart.objects.filter(holder__in=slices, lease_until__isnull=False).update(lease_until=past)
        return Episode.objects.filter(holder__in=slices, status__in=HELD).update(lease_until=past)


def slices_expire(*, now: datetime) -> int:
    """Close the rows of slices whose lease has run out; what they held can be claimed already. Returns how many.

    Their lease stays as it was, before their end: so they are told from those that ended themselves.
    """
    return Slice.objects.filter(lease_until__lt=now).exclude(status=SliceStatus.OVER).update(status=SliceStatus.OVER, ended=now)
