"""Slices: asked for, taken once, kept alive, given up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from synthesis.models import Episode, Run, RunPart, Slice
from synthesis.selectors import runs
from synthesis.services.claims import claim_queued
from synthesis.services.generation import claim_part
from synthesis.services.leases import slice_ask, slice_end, slice_renew, slice_take, slice_withdraw, slices_expire, slices_lost
from tests.builders_runs import LEASE, a_run, a_slice, install, queued

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def run() -> Run:
    """A run of three planned episodes."""
    install()
    return a_run(3)


def test_a_slice_is_taken_once(run: Run) -> None:
    asked = slice_ask(run_id=run.pk, patience=LEASE, now=NOW)
    assert runs.slices_alive(run.pk, NOW) == 1 and runs.slices_at_work(run.pk) == []
    assert slice_take(slice_id=asked, worker="w", lease=LEASE, now=NOW)
    assert not slice_take(slice_id=asked, worker="x", lease=LEASE, now=NOW)
    assert runs.slices_at_work(run.pk) == [(asked, "w")]
    assert runs.last_slice_started() == NOW


def test_a_late_message_finds_nothing(run: Run) -> None:
    lost, paused = (slice_ask(run_id=run.pk, patience=LEASE, now=NOW) for _ in range(2))
    slice_withdraw(slice_id=lost, now=NOW)
    assert not slice_take(slice_id=lost, worker="w", lease=LEASE, now=NOW)
    Run.objects.update(status="paused")
    assert not slice_take(slice_id=paused, worker="w", lease=LEASE, now=NOW)
    assert slices_expire(now=NOW + LEASE * 2) == 1
    assert runs.slices_alive(run.pk, NOW) == 0


def test_renewing_prolongs_all_that_is_held_and_nothing_else(run: Run) -> None:
    queued(run)
    mine, other = a_slice(run, "mine"), a_slice(run, "other")
    Episode.objects.update(holder=None)
    [held] = claim_queued(run_id=run.pk, holder=mine, limit=1, lease=LEASE, now=NOW)
    [foreign] = claim_queued(run_id=run.pk, holder=other, limit=1, lease=LEASE, now=NOW)
    later = NOW + timedelta(seconds=20)
    assert slice_renew(slice_id=mine, lease=LEASE, now=later)
    assert Episode.objects.get(pk=held.id).lease_until == later + LEASE
    assert Episode.objects.get(pk=foreign.id).lease_until == NOW + LEASE


def test_a_part_is_prolonged_only_while_it_is_held(run: Run) -> None:
    mine = a_slice(run)
    part = claim_part(run_id=run.pk, holder=mine, size=2, lease=LEASE, now=NOW)
    assert part is not None
    slice_renew(slice_id=mine, lease=LEASE, now=NOW + LEASE / 2)
    assert RunPart.objects.get(pk=part.id).lease_until == NOW + LEASE * 1.5
    RunPart.objects.update(lease_until=None)
    slice_renew(slice_id=mine, lease=LEASE, now=NOW + LEASE)
    assert RunPart.objects.get(pk=part.id).lease_until is None


def test_who_was_given_up_is_told_so(run: Run) -> None:
    queued(run)
    mine = a_slice(run, "mine")
    claim_queued(run_id=run.pk, holder=mine, limit=2, lease=LEASE, now=NOW)
    assert runs.slices_of_worker("mine") == [mine]
    assert slices_lost(slices=[mine], now=NOW) == 2
    assert not slice_renew(slice_id=mine, lease=LEASE, now=NOW)
    assert len(claim_queued(run_id=run.pk, holder=99, limit=9, lease=LEASE, now=NOW)) >= 1
    again = claim_queued(run_id=run.pk, holder=99, limit=9, lease=LEASE, now=NOW)
    assert [claim.crashes for claim in again] == [1, 1]


def test_an_ended_slice_is_over(run: Run) -> None:
    mine = a_slice(run)
    slice_end(slice_id=mine, played=3, now=NOW)
    row = Slice.objects.get(pk=mine)
    assert (row.status, row.played, row.ended) == ("over", 3, NOW)
    assert runs.slices_at_work(run.pk) == []
