"""Models in the seats of a run, at a real local server: whole episodes, and every way in which a model gives no answer."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from studio.pipelines.advance import advance
from studio.pipelines.run_stage import RunStage
from studio.pipelines.slice import SliceLimits, SliceWork
from studio.pipelines.spending import spending_of
from synthesis.engine.participants.prompts import Prompt
from synthesis.models import Budget, Episode, Event, ModelUsage, Reservation, Run, Slice
from synthesis.selectors import prompts, runs
from synthesis.services.gate import budget_set
from synthesis.services.prompts import prompt_publish
from synthesis.services.runs import run_resume
from tests.builders_runs import a_run, a_slice, install
from tests.fakes.model_seats import ModelStage, endpoint, seated, talk
from tests.fakes.model_server import faults
from tests.fakes.model_server.running import running
from tests.fakes.model_server.server import FakeProvider

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = SliceLimits(width=8, seconds=60, idle=0.5, lease=5, heartbeat=0.5, grace=5)


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """A provider in a thread of its own."""
    with running(FakeProvider(talk)) as fake:
        yield fake


def play(run: Run, limits: SliceLimits = QUICK) -> int:
    return asyncio.run(SliceWork(run_id=run.pk, slice_id=a_slice(run), stage=ModelStage(run), limits=limits).run())


def test_models_play_both_seats(provider: FakeProvider) -> None:
    endpoint(provider)
    run = seated(3, user="model:m", agent="model:m")
    assert play(run) == 3
    for episode in Episode.objects.filter(run=run):
        said = [event.payload for event in Event.objects.filter(episode=episode, kind="message")]
        assert [message["role"] for message in said] == ["user", "agent", "user"]
        assert all(message["usage"]["model"] == "fake" and message["usage"]["cost"] > 0 for message in said)
        assert episode.outcome == "user_done"
    rows = {row.role: row for row in ModelUsage.objects.filter(run=run)}
    assert (rows["user"].calls, rows["agent"].calls) == (6, 3)


def test_a_model_agent_meets_a_scripted_user(provider: FakeProvider) -> None:
    endpoint(provider)
    run = seated(2, agent="model:m")
    assert play(run) == 2
    assert set(ModelUsage.objects.filter(run=run).values_list("role", flat=True)) == {"agent"}


def test_a_wait_gives_the_place_away_and_is_no_crash(provider: FakeProvider) -> None:
    endpoint(provider, model="fake:fault=429-300s,times=1")
    run = seated(3, user="model:m", agent="scripted")
    assert play(run) == 2, "the others go on beside the one that waits"
    waiting = Episode.objects.get(run=run, status="queued")
    assert waiting.not_before and waiting.not_before > timezone.now() + timedelta(seconds=200)
    assert (waiting.crashes, waiting.failure, waiting.holder) == (0, None, None)
    assert advance(run_id=run.pk) == "running"
    assert Slice.objects.filter(run=run).count() == 1, "nobody is asked for while all there is waits"
    Episode.objects.filter(pk=waiting.pk).update(not_before=timezone.now())
    assert play(run) == 1


def test_a_slice_of_waiting_episodes_ends_and_does_not_spin(provider: FakeProvider) -> None:
    endpoint(provider, model="fake:fault=429-300s")
    run = seated(2, user="model:m")
    slice_id = a_slice(run)
    work = SliceWork(run_id=run.pk, slice_id=slice_id, stage=ModelStage(run), limits=SliceLimits(width=8, idle=60, heartbeat=5))
    assert asyncio.run(asyncio.wait_for(work.run(), 20)) == 0
    assert provider.tries["fake:fault=429-300s"] == 2
    assert runs.rest_of(run.pk, timezone.now()) > 200


async def refuse(to: Any, _completion: Any, _stream: bool) -> None:
    """A key that is none."""
    await to.send(401, b'{"error": {"type": "invalid_api_key", "message": "No."}}')


def test_a_key_that_is_refused_pauses_the_run_with_a_reason(provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(faults.FAULTS, "401", refuse)
    endpoint(provider, model="fake:fault=401,times=3")
    run = seated(4, agent="model:m")
    assert play(run) == 0
    run.refresh_from_db()
    assert run.status == "paused" and run.stopped
    assert {name: run.stopped[name] for name in ("kind", "party", "endpoint")} == {"kind": "no_access", "party": "agent", "endpoint": "m"}
    assert not Episode.objects.filter(run=run, status__in=["failed", "playing"]).exists()
    assert not Episode.objects.filter(run=run, crashes__gt=0).exists()
    provider.tries["fake:fault=401,times=3"] = 3
    run_resume(run_id=run.pk)
    run.refresh_from_db()
    assert run.stopped is None
    assert play(run) == 4


def test_an_endpoint_that_is_not_there_pauses_the_run(provider: FakeProvider) -> None:
    run = seated(1, user="model:gone")
    assert play(run) == 0
    run.refresh_from_db()
    assert run.status == "paused" and run.stopped and run.stopped["kind"] == "no_endpoint" and run.stopped["endpoint"] == "gone"


def test_a_spent_budget_pauses_the_run(provider: FakeProvider) -> None:
    endpoint(provider)
    run = seated(4, user="model:m", agent="model:m")
    budget_set(run_id=run.pk, limit=700)
    play(run)
    run.refresh_from_db()
    assert run.status == "paused" and run.stopped and run.stopped["kind"] == "no_budget"
    budget_set(run_id=run.pk, limit=10_000_000)
    run_resume(run_id=run.pk)
    play(run)
    assert runs.run_counts(run.pk)["judged"] == 4


def test_an_episode_ends_at_its_limit_of_tokens(provider: FakeProvider) -> None:
    endpoint(provider)
    run = seated(1, user="model:m", agent="model:m")
    run.limits |= {"max_tokens": 50}
    run.save()
    assert play(run) == 1
    assert Episode.objects.get(run=run).outcome == "max_tokens"


def test_what_the_end_of_a_slice_breaks_off_counts_as_what_was_set_aside(provider: FakeProvider) -> None:
    """The provider goes on with it and bills it. The episode is handed back as it was."""
    endpoint(provider, model="fake:fault=hang", try_seconds=60)
    run = seated(2, agent="model:m")
    budget_set(run_id=run.pk, limit=1_000_000)
    assert play(run, SliceLimits(width=2, seconds=6, idle=0.5, heartbeat=5, grace=0.5)) == 0
    assert sorted(Episode.objects.filter(run=run).values_list("status", "crashes")) == [("queued", 0)] * 2
    [usage], budget = ModelUsage.objects.filter(run=run), Budget.objects.get(run=run)
    assert (usage.called_off, usage.calls, usage.failures) == (2, 2, 0)
    assert (budget.reserved, budget.spent, Reservation.objects.count()) == (0, usage.cost, 0)
    assert usage.cost == usage.prompt_tokens > 0, "a million prompt tokens cost 1.00"
    spent = spending_of(run)
    assert spent is not None and (spent.called_off, spent.cost) == (2, usage.cost)


def test_a_prompt_that_is_published_changes_no_slice_of_a_run_that_has_begun(provider: FakeProvider) -> None:
    endpoint(provider, purposes=["user"])
    install()
    run = a_run(1, seats={"user": "model:m"})
    before = prompts.current("user")
    prompt_publish(name="user", text="Say something else.", after=0, author="somebody", note="", now=timezone.now())
    assert [RunStage(of).cast.prompt for of in (run, a_run(1, seats={"user": "model:m"}))] == [before, Prompt("Say something else.\n")]
    assert Run.objects.get(pk=run.pk).prompts == {"user": before.digest}
