"""Claims: who has an episode, for how long, and what becomes of those that crash."""

from datetime import timedelta

import pytest
from django.utils import timezone

from synthesis.engine.episode.tool_calls import ToolCalls
from synthesis.models import Episode, Event, Run, Tool
from synthesis.services import claims
from synthesis.services.claims import claim_played, claim_queued, close_judged, crashed, fail, hand_back, read_logs
from synthesis.services.event_writer import Append, write_appends
from synthesis.services.leases import slices_lost
from synthesis.services.runs import run_pause
from tests.builders_runs import LEASE, a_run, a_slice, install, queued
from tests.synthesis.services.test_event_writer import end, steps

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LATER = NOW + LEASE + timedelta(seconds=1)


@pytest.fixture
def run() -> Run:
    """A run of five queued episodes."""
    install()
    made = a_run(5, slip_rate=0.5)
    queued(made)
    Episode.objects.update(holder=None)
    return made


def claim(run: Run, holder: int = 1, limit: int = 1, **more: object) -> list[claims.Claim]:
    """Claim at NOW unless told otherwise."""
    arguments = {"run_id": run.pk, "holder": holder, "limit": limit, "lease": LEASE, "now": NOW} | more
    return claim_queued(**arguments)  # type: ignore[arg-type]


def test_a_claim_takes_in_order_raises_the_epoch_and_brings_all_that_playing_needs(run: Run) -> None:
    first, second = claim(run, limit=2)
    assert [first.index, second.index] == [0, 1]
    row = Episode.objects.get(pk=first.id)
    assert (row.status, row.epoch, row.holder, row.attempts, first.epoch) == ("playing", 1, 1, 1, 1)
    assert row.lease_until == NOW + LEASE
    assert first.scenario.digest == row.scenario_id and first.cast.persona.slug == "ann"
    assert first.past == [] and first.next_seq == 0
    slips = {c.index: c.slip for c in [first, second, *claim(run, limit=9)]}
    assert any(slips.values()) and not all(slips.values())


def test_nobody_claims_what_another_holds_before_the_lease_ends(run: Run) -> None:
    assert len(claim(run, holder=1, limit=5)) == 5
    assert claim(run, holder=2) == []
    again = claim(run, holder=2, limit=9, now=LATER)
    assert [c.epoch for c in again] == [2] * 5
    assert [c.crashes for c in again] == [1] * 5


def test_those_whose_worlds_are_at_hand_come_first(run: Run) -> None:
    Episode.objects.filter(index__in=[2, 4]).update(holder=8)
    assert [c.index for c in claim(run, holder=8, limit=5)] == [2, 4]
    assert [c.index for c in claim(run, holder=8, limit=5)] == [0, 1, 3]


@pytest.mark.parametrize("status", ["paused", "cancelled", "finished"])
def test_only_a_running_run_gives_episodes(run: Run, status: str) -> None:
    Run.objects.update(status=status)
    assert claim(run) == []


def test_not_before_is_kept(run: Run) -> None:
    Episode.objects.update(not_before=NOW + timedelta(seconds=5))
    assert claim(run) == []
    assert len(claim(run, now=NOW + timedelta(seconds=6))) == 1


def test_a_resumed_claim_brings_its_log(run: Run) -> None:
    [first] = claim(run)
    write_appends([Append(first.id, first.epoch, steps(0, 3))], NOW)
    Episode.objects.filter(status="queued").update(status="planned")
    [again] = claim(run, holder=2, now=LATER)
    assert again.id == first.id and again.next_seq == 3
    assert [event.seq for event in again.past] == [0, 1, 2]
    assert again.past == read_logs([first.id])[first.id]


def test_crashes_at_one_step_are_counted_and_progress_starts_anew(run: Run) -> None:
    Episode.objects.exclude(index=0).update(status="planned")
    now = NOW
    for times in (0, 1):
        [held] = claim(run, now=now)
        assert held.crashes == times
        now += LEASE * 2
    write_appends([Append(held.id, held.epoch, steps(0, 1))], now)
    [held] = claim(run, now=now)
    assert held.crashes == 1


def test_a_suspect_is_left_to_those_who_have_nothing_else_in_hand(run: Run) -> None:
    Episode.objects.filter(index=0).update(crashes=claims.SUSPECT, crash_seq=0)
    assert [c.index for c in claim(run, limit=9)] == [1, 2, 3, 4]
    assert claim(run) == []
    assert [c.index for c in claim(run, suspects=True)] == [0]


def test_handing_back_is_no_crash(run: Run) -> None:
    [held] = claim(run)
    hand_back(episodes=[(held.id, held.epoch)])
    [again] = claim(run, holder=2)
    assert (again.id, again.epoch, again.crashes) == (held.id, 2, 0)
    hand_back(episodes=[(held.id, held.epoch)])
    assert Episode.objects.get(pk=held.id).status == "playing"


def test_the_fifth_crash_in_a_row_fails_the_episode_and_ends_its_log(run: Run) -> None:
    Episode.objects.exclude(index=0).update(status="planned")
    now = NOW
    for times in range(1, 6):
        [held] = claim(run, now=now) or claim(run, now=now, suspects=True)
        if times == 1:
            write_appends([Append(held.id, held.epoch, steps(0, 2))], now)
        assert crashed(claim=held, kind="error", detail="boom", now=now, limit=5) == (times == 5)
        now += timedelta(seconds=60)
    row = Episode.objects.get(index=0)
    assert (row.status, row.outcome, row.failure) == ("failed", "error", {"kind": "error", "detail": "boom"})
    last = Event.objects.filter(episode=row).order_by("-seq")[0]
    assert (last.seq, last.kind, last.payload["reason"]) == (2, "episode_ended", "error")
    assert row.next_seq == 3


def test_a_crash_waits_longer_each_time(run: Run) -> None:
    pauses = []
    now = NOW
    for _ in range(3):
        [held] = claim(run, now=now) or claim(run, now=now, suspects=True)
        crashed(claim=held, kind="error", detail="boom", now=now, limit=5)
        row = Episode.objects.get(pk=held.id)
        assert row.not_before is not None and row.status == "queued"
        pauses.append(row.not_before - now)
        now += timedelta(seconds=60)
        Episode.objects.exclude(pk=held.id).update(status="planned")
    assert pauses == sorted(pauses) and pauses[0] < pauses[-1]


def test_what_is_no_longer_ours_cannot_be_failed(run: Run) -> None:
    [held] = claim(run)
    run_pause(run_id=run.pk)
    assert not fail(episode=held.id, epoch=held.epoch, kind="poison", detail="x")
    assert not crashed(claim=held, kind="error", detail="x", now=NOW, limit=1)
    assert Episode.objects.get(pk=held.id).status == "queued"


def test_an_ended_episode_of_a_dead_holder_is_claimed_for_judging_and_closed_once(run: Run) -> None:
    [held] = claim(run, holder=a_slice(run))
    write_appends([Append(held.id, held.epoch, [*steps(0, 1), end(1)])], NOW)
    arguments = {"run_id": run.pk, "holder": 9, "limit": 5, "lease": LEASE, "now": NOW}
    assert claim_played(**arguments) == []  # type: ignore[arg-type]
    slices_lost(slices=[Episode.objects.get(pk=held.id).holder or 0], now=NOW)
    [again] = claim_played(**arguments)  # type: ignore[arg-type]
    assert again.id == held.id and again.past[-1].kind == "episode_ended"
    usage = {held.id: [ToolCalls(held.scenario.worlds[0].release, "find_owner", 3, {"not_found": 1})]}
    assert close_judged(episodes=[(held.id, held.epoch)], usage=usage) == 0
    assert close_judged(episodes=[(again.id, again.epoch)], usage=usage) == 1
    assert close_judged(episodes=[(again.id, again.epoch)], usage=usage) == 0
    assert Episode.objects.get(pk=held.id).status == "judged"
    tool = Tool.objects.get(name="find_owner")
    assert (tool.calls, tool.failures) == (3, 1)
    assert tool.success_rate == pytest.approx(2 / 3)
