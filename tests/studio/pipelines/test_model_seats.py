"""Models in the seats of a run, at a real local server: whole episodes, and every way in which a model gives no answer."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from studio.pipelines.advance import advance
from studio.pipelines.model_room import ModelRoom
from studio.pipelines.run_stage import RunSeats
from studio.pipelines.slice import SliceLimits, SliceWork
from synthesis.engine.chat.waiting import Patience
from synthesis.engine.participants.prompts import STOP, Prompt
from synthesis.engine.participants.wording import starter_wording
from synthesis.models import Episode, Event, ModelEndpoint, ModelUsage, Run, Slice
from synthesis.selectors import runs
from synthesis.services.gate import budget_set
from synthesis.services.runs import run_resume
from tests.builders_runs import a_run, a_slice, install
from tests.fakes.model_server import faults
from tests.fakes.model_server.http import port_of
from tests.fakes.model_server.server import FakeProvider
from tests.fakes.stage import LocalStage

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = SliceLimits(width=8, seconds=60, idle=0.5, lease=5, heartbeat=0.5, grace=5)


def talk(body: dict[str, Any]) -> dict[str, Any]:
    """A user that asks and leaves, an agent that answers: told apart by their tools."""
    if body.get("tools"):
        return {"content": "That is done."}
    heard = sum(message["role"] == "user" for message in body["messages"]) > 1
    return {"content": f"Thanks.\n{STOP} 4 quick" if heard else "Hello, I need help."}


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """A provider in a thread of its own."""
    fake, loop, ready = FakeProvider(talk), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        server = await fake.start()
        fake.url = f"http://127.0.0.1:{port_of(server)}/v1"
        ready.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    yield fake
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def endpoint(provider: FakeProvider, slug: str = "m", **fields: Any) -> ModelEndpoint:
    plain = {"base_url": provider.url, "model": "fake", "provider": "other", "purposes": ["user", "agent"], "price_prompt": 1_000_000}
    return ModelEndpoint.objects.create(slug=slug, **plain | fields)


class Stage(LocalStage):
    """Seats of the run over worlds in this process."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.run = run
        self.seats: Any = RunSeats({pack.slug: pack for pack in self.packs.values()}, starter_wording(), prompt=Prompt("Say something."))

    def at_work(self, database: Any) -> Any:
        """The room, without much patience."""
        self.seats.room = ModelRoom(database, self.run.pk, Patience(tries=2))
        return self.seats.room


def seated(episodes: int, **seats: str) -> Run:
    install()
    run = a_run(episodes, personas=[])
    run.seats = {**run.seats, **seats}
    run.save()
    for episode in Episode.objects.filter(run=run):
        episode.cast["seats"] = run.seats
        episode.save()
    return run


def play(run: Run, limits: SliceLimits = QUICK) -> int:
    return asyncio.run(SliceWork(run_id=run.pk, slice_id=a_slice(run), stage=Stage(run), limits=limits).run())


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
    work = SliceWork(run_id=run.pk, slice_id=slice_id, stage=Stage(run), limits=SliceLimits(width=8, idle=60, heartbeat=5))
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


@pytest.mark.parametrize(
    ("model", "kind"),
    [("fake:fault=cut-arguments", "agent_unusable"), ("fake:fault=html", "agent_gave_up"), ("fake:fault=huge", "agent_refused")],
)
def test_an_answer_that_cannot_be_used_fails_the_episode_and_names_the_party(provider: FakeProvider, model: str, kind: str) -> None:
    endpoint(provider, model=model)
    run = seated(1, agent="model:m")
    play(run, SliceLimits(width=8, idle=0.5, heartbeat=5))
    failed = Episode.objects.get(run=run)
    assert failed.status == "failed" and failed.failure["kind"] == kind
    assert (failed.crashes, failed.attempts, failed.outcome) == (0, 1, "error")


def test_an_episode_ends_at_its_limit_of_tokens(provider: FakeProvider) -> None:
    endpoint(provider)
    run = seated(1, user="model:m", agent="model:m")
    run.limits |= {"max_tokens": 50}
    run.save()
    assert play(run) == 1
    assert Episode.objects.get(run=run).outcome == "max_tokens"
