"""A slice with gold seats over real worlds in this process."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from studio.pipelines.slice import SliceLimits, SliceWork
from synthesis.engine.scenarios.generate import GenerateReply
from synthesis.models import Episode, EpisodeTruth, Event, Run, Scenario
from synthesis.selectors import runs
from synthesis.services.runs import run_cancel, run_pause, run_resume
from tests.builders_runs import a_run, a_slice, install
from tests.fakes.seats import GoldSeats
from tests.fakes.stage import LocalStage

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = SliceLimits(width=8, seconds=60, idle=0.2, lease=5, heartbeat=0.5, grace=5)


def work(run: Run, stage: Any = None, limits: SliceLimits = QUICK) -> SliceWork:
    """A slice of ``run``, ready."""
    return SliceWork(run_id=run.pk, slice_id=a_slice(run), stage=stage or LocalStage(run), limits=limits)


def rows(run: Run) -> list[tuple[Any, ...]]:
    """What may not depend on how a run was played."""
    episodes = Episode.objects.filter(run=run).order_by("index")
    return list(
        episodes.values_list("index", "domain", "variation", "scenario_id", "seed", "status", "digest", "next_seq", "turns", "calls")
    )


def test_a_run_is_generated_played_and_judged() -> None:
    install()
    run = a_run(12)
    stage = LocalStage(run)
    assert asyncio.run(work(run, stage).run()) == 12
    assert runs.run_counts(run.pk)["judged"] == 12
    digests = dict(Episode.objects.filter(run=run).values_list("index", "digest"))
    assert dict(stage.judge.seen) == digests
    for episode in Episode.objects.filter(run=run):
        log = list(Event.objects.filter(episode=episode).values_list("seq", "kind"))
        assert [seq for seq, _ in log] == list(range(episode.next_seq))
        assert (log[0][1], log[-1][1]) == ("episode_started", "episode_ended")
    assert Episode.objects.filter(run=run).values("scenario").distinct().count() == 12


def test_the_same_seed_gives_the_same_rows_whatever_the_width() -> None:
    install("vet_clinic", "retail_orders")
    seen = []
    for width in (1, 5, 64):
        run = a_run(16, variations=["plain", "gradual", "switched_topic"])
        asyncio.run(work(run, limits=SliceLimits(width=width, idle=0.2, heartbeat=5)).run())
        seen.append(rows(run))
    assert seen[0] == seen[1] == seen[2]
    other = a_run(16, seed=8, variations=["plain", "gradual", "switched_topic"])
    asyncio.run(work(other).run())
    assert rows(other) != seen[0]


def test_two_slices_share_a_run() -> None:
    install("vet_clinic", "retail_orders")
    alone, shared = a_run(24), a_run(24)
    asyncio.run(work(alone).run())

    pieces = [work(shared, limits=SliceLimits(width=4, idle=0.3, heartbeat=0.5)) for _ in range(2)]

    async def both() -> list[int]:
        return list(await asyncio.gather(*(piece.run() for piece in pieces)))

    shares = asyncio.run(both())
    assert sum(shares) == 24 and all(shares)
    assert rows(alone) == rows(shared)


async def after(piece: SliceWork, events: int) -> None:
    """Wait until the slice has written so many events."""
    while not hasattr(piece, "writer") or piece.writer.writer.events < events:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("end", ["time", "signal"])
def test_what_is_in_flight_is_handed_back_between_two_steps_and_goes_on_from_its_log(end: str) -> None:
    install()
    whole, broken = a_run(8), a_run(8)
    asyncio.run(work(whole).run())
    limits = SliceLimits(width=8, seconds=1.5 if end == "time" else 60, idle=0.2, heartbeat=5, grace=5)
    piece = work(broken, LocalStage(broken, GoldSeats(0.4 if end == "time" else 0.05)), limits)

    async def interrupted() -> None:
        task = asyncio.create_task(piece.run())
        if end == "signal":
            await after(piece, 20)
            piece.stopping.set()
        await task

    asyncio.run(interrupted())
    counts = runs.run_counts(broken.pk)
    assert counts["queued"] > 0 and counts["playing"] == 0
    assert Episode.objects.filter(run=broken, status="queued", next_seq__gt=0).exists()
    asyncio.run(work(broken).run())
    assert rows(broken) == rows(whole)
    assert not Episode.objects.filter(run=broken, crashes__gt=0).exists()


def test_a_paused_run_stops_at_once_and_resumes_from_its_logs() -> None:
    install()
    whole, paused = a_run(8), a_run(8)
    asyncio.run(work(whole).run())

    piece = work(paused, LocalStage(paused, GoldSeats(0.05)))
    late = work(paused)

    async def pausing() -> None:
        task = asyncio.create_task(piece.run())
        await after(piece, 20)
        await piece.database.run(run_pause, run_id=paused.pk)
        await asyncio.wait_for(task, 5)

    asyncio.run(pausing())
    assert piece.lost > 0
    before = Event.objects.filter(episode__run=paused).count()
    assert asyncio.run(late.run()) == 0
    assert Event.objects.filter(episode__run=paused).count() == before
    run_resume(run_id=paused.pk)
    asyncio.run(work(paused).run())
    assert rows(paused) == rows(whole)


def test_a_cancelled_run_ends_its_logs() -> None:
    install()
    run = a_run(8)
    piece = work(run, LocalStage(run, GoldSeats(0.05)))

    async def cancelling() -> None:
        task = asyncio.create_task(piece.run())
        await after(piece, 20)
        await piece.database.run(run_cancel, run_id=run.pk, now=timezone.now())
        await asyncio.wait_for(task, 5)

    asyncio.run(cancelling())
    counts = runs.run_counts(run.pk)
    assert counts["cancelled"] > 0 and counts["cancelled"] + counts["judged"] == 8
    for episode in Episode.objects.filter(run=run, status="cancelled", next_seq__gt=0):
        last = Event.objects.filter(episode=episode).order_by("-seq").first()
        assert last is not None and last.seq == episode.next_seq - 1
        assert last.payload["reason"] == episode.outcome == "cancelled"


class Failing:
    """Worlds that raise for some scenarios."""

    def __init__(self, worlds: Any, strikes: Callable[[str], bool], error: Exception) -> None:
        self.worlds, self.strikes, self.error = worlds, strikes, error

    async def open(self, scenario: Any, past: Any = ()) -> Any:
        """Raise, or open."""
        if self.strikes(scenario.digest):
            raise self.error
        return await self.worlds.open(scenario, past)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.worlds, name)


def test_an_episode_that_always_raises_fails_after_five_times_and_the_others_finish() -> None:
    install()
    run = a_run(6)
    bad: set[str] = set()

    def strikes(digest: str) -> bool:
        if not bad:
            bad.add(digest)
        return digest in bad

    stage = LocalStage(run, wrap=lambda worlds: Failing(worlds, strikes, RuntimeError("boom")))
    asyncio.run(work(run, stage, SliceLimits(width=8, idle=6, heartbeat=5)).run())
    failed = Episode.objects.get(run=run, status="failed")
    assert failed.failure == {"kind": "error", "detail": "RuntimeError: boom"} and failed.attempts == 5
    assert runs.run_counts(run.pk)["judged"] == 5


def test_slips_are_kept_aside_and_never_in_the_log() -> None:
    install()
    run = a_run(6, slip_rate=1.0)
    asyncio.run(work(run).run())
    truths = EpisodeTruth.objects.filter(episode__run=run)
    assert truths.count() == 6
    assert all(truth.slip["kind"] == truth.planned_slip for truth in truths)
    for payload in Event.objects.filter(episode__run=run).values_list("payload", flat=True):
        assert "slip" not in payload and "slip" not in payload.get("cast", {})


def test_a_slot_that_cannot_be_filled_is_recorded_with_its_reasons() -> None:
    install()
    run = a_run(3)
    stage = LocalStage(run, wrap=Barren)
    asyncio.run(work(run, stage).run())
    unfilled = Episode.objects.filter(run=run, status="unfilled")
    assert unfilled.count() == 3 and Scenario.objects.count() == 0
    assert {row.failure["reasons"]["already used"] for row in unfilled} == {40}


class Barren:
    """Worlds in which no scenario can be made."""

    def __init__(self, worlds: Any) -> None:
        self.worlds = worlds

    async def generate(self, request: Any) -> Any:
        """None."""
        return GenerateReply(None, 40, {"already used": 40})

    def __getattr__(self, name: str) -> Any:
        return getattr(self.worlds, name)
