"""Trying again: what is reset, what is kept, what is refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from synthesis.models import Episode, EpisodeTruth, Event, Run, RunPart
from synthesis.services.claims import claim_queued
from synthesis.services.generation import claim_part
from synthesis.services.requeue import run_requeue
from synthesis.services.runs import RunError, run_cancel, run_finish, run_pause
from tests.builders_logs import append, says, start
from tests.builders_runs import LEASE, a_run, install, queued

pytestmark = pytest.mark.django_db
NOW = timezone.now()
POISON = {"kind": "poison", "detail": "It crashed."}


def failed_run(episodes: int = 4) -> Run:
    """A finished run whose first episode failed with a log, whose second found no scenario, and the others were judged."""
    install()
    run = a_run(episodes, slip_rate=1.0)
    queued(run)
    rows = list(Episode.objects.filter(run=run).order_by("index"))
    append(rows[0], start(), says("user", "Hello."))
    Episode.objects.filter(run=run).update(status="judged", outcome="user_done", finished=NOW)
    Episode.objects.filter(pk=rows[0].pk).update(
        status="failed", failure=POISON, outcome="poison", crashes=4, crash_seq=2, turns=1, calls=1, started=NOW
    )
    Episode.objects.filter(pk=rows[1].pk).update(status="unfilled", scenario=None, failure={"kind": "unfilled", "detail": "none"})
    EpisodeTruth.objects.filter(episode=rows[0]).update(slip={"kind": "wrong_value", "note": ""})
    assert run_finish(run_id=run.pk, now=NOW)
    return run


def test_what_failed_begins_afresh_and_the_rest_is_left_alone() -> None:
    run = failed_run()
    before = list(Episode.objects.filter(run=run, index__gt=1).order_by("index").values())
    assert run_requeue(run_id=run.pk) == 2
    run.refresh_from_db()
    assert (run.status, run.finished) == ("running", None)
    first, second = Episode.objects.filter(run=run, index__lt=2).order_by("index")
    assert (first.status, first.next_seq, first.outcome, first.crashes, first.crash_seq, first.turns) == ("queued", 0, "", 0, -1, 0)
    assert (first.failure, first.finished, first.started) == (POISON, None, None), "why it failed is kept"
    assert not Event.objects.filter(episode=first).exists()
    assert EpisodeTruth.objects.get(episode=first).slip is None
    assert (second.status, second.scenario_id) == ("planned", None)
    assert list(Episode.objects.filter(run=run, index__gt=1).order_by("index").values()) == before


def test_both_are_taken_up_by_workers_again() -> None:
    run = failed_run()
    run_requeue(run_id=run.pk)
    now = timezone.now() + timedelta(seconds=1)
    part = claim_part(run_id=run.pk, holder=1, size=50, lease=LEASE, now=now)
    assert part is not None and [planned.index for planned in part.batch] == [1] and part.last
    [claim] = claim_queued(run_id=run.pk, holder=1, limit=5, lease=LEASE, now=now)
    assert (claim.index, claim.next_seq, claim.past) == (0, 0, [])


def test_generation_goes_back_to_the_first_that_has_none() -> None:
    install("vet_clinic", "retail_orders")
    run = a_run(10)
    queued(run)
    lost = Episode.objects.filter(run=run, domain="vet_clinic").order_by("index")[2]
    Episode.objects.filter(pk=lost.pk).update(status="failed", scenario=None, failure=POISON)
    run_requeue(run_id=run.pk)
    parts = {part.release.domain.slug: part for part in RunPart.objects.filter(run=run).select_related("release__domain")}
    assert (parts["vet_clinic"].done, parts["vet_clinic"].next_index) == (False, lost.index)
    assert parts["retail_orders"].done
    assert Episode.objects.get(pk=lost.pk).status == "planned"


def test_a_paused_run_stays_paused() -> None:
    run = failed_run()
    Run.objects.filter(pk=run.pk).update(status="running")
    run_pause(run_id=run.pk)
    run_requeue(run_id=run.pk)
    assert Run.objects.get(pk=run.pk).status == "paused"


def test_what_cannot_be_tried_again_is_said_and_changes_nothing() -> None:
    run = failed_run()
    run_requeue(run_id=run.pk)
    with pytest.raises(RunError, match="nothing in run"):
        run_requeue(run_id=run.pk)
    Episode.objects.filter(run=run, index=0).update(status="failed")
    run_cancel(run_id=run.pk, now=NOW)
    with pytest.raises(RunError, match="is cancelled"):
        run_requeue(run_id=run.pk)
    with pytest.raises(RunError, match="no run 999"):
        run_requeue(run_id=999)
    assert Episode.objects.get(run=run, index=0).status == "failed"


def test_a_finished_run_in_which_nothing_failed_stays_finished() -> None:
    install()
    run = a_run(2)
    queued(run)
    Episode.objects.filter(run=run).update(status="judged")
    assert run_finish(run_id=run.pk, now=NOW)
    with pytest.raises(RunError, match="nothing in run"):
        run_requeue(run_id=run.pk)
    assert Run.objects.get(pk=run.pk).status == "finished"
