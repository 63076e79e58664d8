"""Generation work: one holder at a time, in order, guarded, and never stuck."""

from datetime import timedelta

import pytest
from django.utils import timezone

from synthesis.models import Episode, Run, RunPart, Scenario
from synthesis.services.generation import Filled, PartClaim, claim_part, part_crashed, part_skip, store_batch
from synthesis.services.runs import run_pause, run_resume
from tests.builders_runs import LEASE, a_run, a_slice, install, queued

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def run() -> Run:
    """Ten planned episodes of one domain."""
    install()
    return a_run(10)


def claim(run: Run, holder: int = 1, **more: object) -> PartClaim | None:
    """Claim four at NOW unless told otherwise."""
    return claim_part(**({"run_id": run.pk, "holder": holder, "size": 4, "lease": LEASE, "now": NOW} | more))  # type: ignore[arg-type]


def held(run: Run, **more: object) -> PartClaim:
    """A claim that must succeed."""
    part = claim(run, **more)  # type: ignore[arg-type]
    assert part is not None
    return part


def nothing(part: PartClaim) -> list[Filled]:
    """A batch in which no scenario could be made."""
    return [Filled(planned, None, {"already used": 40}) for planned in part.batch]


def test_a_part_is_held_by_one_and_goes_on_where_it_stopped(run: Run) -> None:
    part = held(run)
    assert [planned.index for planned in part.batch] == [0, 1, 2, 3]
    assert claim(run, 2) is None
    assert store_batch(claim=part, filled=nothing(part)[:3])
    following = held(run, holder=2)
    assert [planned.index for planned in following.batch] == [3, 4, 5, 6] and not following.last
    store_batch(claim=following, filled=nothing(following))
    last = held(run)
    assert [planned.index for planned in last.batch] == [7, 8, 9] and last.last
    store_batch(claim=last, filled=nothing(last))
    assert claim(run) is None and RunPart.objects.get().done
    assert Episode.objects.filter(status="unfilled").count() == 10
    failure = Episode.objects.filter(index=4).values_list("failure", flat=True).get()
    assert failure == {"kind": "unfilled", "detail": "no plain scenario in vet_clinic", "reasons": {"already used": 40}}


def test_who_lost_a_part_writes_nothing(run: Run) -> None:
    part = held(run)
    run_pause(run_id=run.pk)
    run_resume(run_id=run.pk)
    assert not store_batch(claim=part, filled=nothing(part))
    assert Episode.objects.filter(status="planned").count() == 10
    assert held(run).crashes == 0


def test_scenarios_of_a_run_differ_and_later_batches_know_those_before(run: Run) -> None:
    queued(run)
    digests = list(Episode.objects.order_by("index").values_list("scenario_id", flat=True))
    assert len(set(digests)) == 10 == Scenario.objects.count()
    RunPart.objects.update(done=False, next_index=10)
    assert held(run).used == {"plain": digests}


def test_a_scenario_met_in_two_runs_is_one_row(run: Run) -> None:
    queued(run)
    again = a_run(10)
    queued(again)
    assert Scenario.objects.count() == 10
    assert list(Episode.objects.filter(run=again).order_by("index").values_list("scenario_id", flat=True)) == list(
        Episode.objects.filter(run=run).order_by("index").values_list("scenario_id", flat=True)
    )


def test_a_part_whose_holder_died_is_taken_one_by_one_until_the_poison_is_found(run: Run) -> None:
    claim(run)
    now = NOW
    for crashes in range(1, 6):
        now += LEASE * 2
        part = held(run, now=now)
        assert (part.crashes, len(part.batch)) == (crashes, 1)
    part_skip(claim=part, detail="its worker died 5 times")
    failed = Episode.objects.get(status="failed")
    assert failed.index == 0 and failed.failure is not None and failed.failure["kind"] == "poison"
    assert [planned.index for planned in held(run, now=now).batch] == [1, 2, 3, 4]


def test_a_part_that_raises_pauses_and_skips_at_the_fifth_time(run: Run) -> None:
    now = NOW
    for _ in range(5):
        part_crashed(claim=held(run, now=now), detail="Crash: boom", now=now, limit=5)
        now += timedelta(seconds=60)
    assert Episode.objects.get(status="failed").index == 0
    assert held(run, now=now).batch[0].index == 1


def test_a_pausing_part_is_not_given_out(run: Run) -> None:
    part_crashed(claim=held(run), detail="boom", now=NOW, limit=5)
    assert claim(run) is None
    assert held(run, now=NOW + timedelta(seconds=5)).crashes == 1


def test_everyone_keeps_to_the_domains_whose_worlds_are_at_hand() -> None:
    install("vet_clinic", "retail_orders")
    run = a_run(20)
    one, two = a_slice(run, "one"), a_slice(run, "two")
    first = held(run, holder=one)
    store_batch(claim=first, filled=nothing(first))
    second = held(run, holder=two)
    assert second.domain != first.domain
    store_batch(claim=second, filled=nothing(second))
    assert held(run, holder=one).domain == first.domain
    assert held(run, holder=two).domain == second.domain
