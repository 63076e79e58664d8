"""Words of models as they come: only where somebody watches, bounded, never in a log, and gone at the end."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from studio import broadcast
from studio.pipelines import streaming
from studio.pipelines.heartbeat import heartbeat
from studio.pipelines.slice import SliceLimits, SliceWork
from studio.pipelines.streaming import LONGEST, Pen, WatchedModel, Watching, said
from synthesis.engine.chat.errors import Cut
from synthesis.engine.chat.model import ChatReply, ChatRequest, OnDelta
from synthesis.engine.participants.prompts import STOP
from synthesis.models import Episode, Event, Watch
from synthesis.services.database import DatabaseThread
from synthesis.services.watches import watch_keep, watch_write
from tests.builders_logs import an_episode, append, start
from tests.builders_runs import a_slice
from tests.fakes import model_seats as seats
from tests.fakes.model_server.running import running
from tests.fakes.model_server.server import FakeProvider

pytestmark = pytest.mark.django_db(transaction=True)
REQUEST = ChatRequest("agent", [])
QUICK = SliceLimits(width=8, seconds=60, idle=0.5, lease=5, heartbeat=0.5, grace=5)


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """A provider that takes its time between two pieces."""
    with running(FakeProvider(seats.talk)) as fake:
        yield fake


class Stage(seats.ModelStage):
    """Models whose words are streamed."""

    def at_work(self, database: Any) -> Any:
        """The room, and who is watched."""
        self.seats.watching = Watching(database, self.run.pk)
        return super().at_work(database)


def watch(episode: int, seconds: float = 60) -> None:
    watch_keep(episode_id=episode, until=timezone.now() + timedelta(seconds=seconds))


def test_only_watched_episodes_are_streamed_and_logs_hold_nothing_of_it(provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    seats.endpoint(provider, model="fake:pace=20")
    run = seats.seated(2, user="model:m", agent="model:m")
    seen, other = Episode.objects.filter(run=run).order_by("index").values_list("pk", flat=True)
    watch(seen)
    written: list[tuple[int, str, str]] = []

    def note(*, episode_id: int, seat: str, text: str, now: Any) -> bool:
        written.append((episode_id, seat, text))
        return watch_write(episode_id=episode_id, seat=seat, text=text, now=now)

    monkeypatch.setattr(streaming, "watch_write", note)
    work = SliceWork(run_id=run.pk, slice_id=a_slice(run), stage=Stage(run), limits=QUICK)
    assert asyncio.run(work.run()) == 2
    assert {episode for episode, _, _ in written} == {seen}
    assert {seat for _, seat, _ in written} == {"user", "agent"}
    assert sum(bool(body.get("stream")) for body in provider.asked) == 3
    logs = [[(e.kind, e.payload.get("text")) for e in Event.objects.filter(episode=pk).order_by("seq")] for pk in (seen, other)]
    assert logs[0] == logs[1], "streamed or not, the log is the same"
    assert not any("###" in text for _, _, text in written)


class Slow:
    """A model that says its pieces with pauses, and may break off."""

    def __init__(self, *pieces: str, broken: bool = False) -> None:
        self.pieces, self.broken = pieces, broken

    async def reply(self, _request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        """Speak."""
        assert on_delta, "not streamed"
        for piece in self.pieces:
            await on_delta(piece)
            await asyncio.sleep(0.06)
        if self.broken:
            raise Cut("no more")
        return ChatReply("".join(self.pieces))


def states(episode: Episode, model: Slow, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, str]]:
    """What stood in the row, write after write."""
    monkeypatch.setattr(streaming, "PACE", 0.05)
    found: list[tuple[str, int, str]] = []

    def note(_topic: str) -> None:
        found.append(("", 0, ""))

    monkeypatch.setattr(broadcast, "publish", note)

    async def play() -> None:
        async with DatabaseThread("t") as database:
            await WatchedModel(model, Watching(database, episode.run_id), episode.pk, "agent").reply(REQUEST)

    def store_and_look(**given: Any) -> bool:
        kept = watch_write(**given)
        row = Watch.objects.get(pk=episode.pk)
        states_.append((row.seat, row.seq, row.text))
        return kept

    states_: list[tuple[str, int, str]] = []
    monkeypatch.setattr(streaming, "watch_write", store_and_look)
    with suppress(Cut):
        asyncio.run(play())
    assert len(found) == len(states_), "each write is hinted"
    return states_


def test_words_grow_under_the_number_of_the_coming_event(monkeypatch: pytest.MonkeyPatch) -> None:
    episode = an_episode()
    append(episode, start())
    watch(episode.pk)
    found = states(episode, Slow(*["word \x00"] * 8), monkeypatch)
    assert found[0][:2] == ("agent", 1)
    texts = [text for _, _, text in found]
    assert len(texts) > 2
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    assert {seq for _, seq, _ in found} == {1}


def test_what_a_failed_call_brought_is_taken_back_and_a_new_try_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    episode = an_episode()
    watch(episode.pk)
    found = states(episode, Slow("Hel", "lo", "", "Good", "bye", broken=True), monkeypatch)
    assert found[-1] == ("", 0, "")
    assert not any("HelloGood" in text for _, _, text in found)


def test_a_player_looks_at_most_every_two_seconds_and_old_watches_do_not_count() -> None:
    episode = an_episode()
    watch(episode.pk, -1)
    moment, asked = [0.0], [0]

    class Counted(DatabaseThread):
        async def run(self, *args: Any, **kwargs: Any) -> Any:
            asked[0] += 1
            return await super().run(*args, **kwargs)

    async def look() -> list[bool]:
        async with Counted("t") as database:
            asked[0] = 0
            watching, found = Watching(database, episode.run_id, lambda: moment[0]), []
            for at in (0.0, 0.5, 1.9):
                moment[0] = at
                found.append(await watching.watches(episode.pk))
            assert asked[0] == 1
            await database.run(watch, episode.pk)
            moment[0] = 2.0
            return [*found, await watching.watches(episode.pk)]

    assert asyncio.run(look()) == [False, False, False, True]


def test_nothing_is_written_once_nobody_keeps_the_row() -> None:
    episode = an_episode()

    async def write() -> bool:
        async with DatabaseThread("t") as database, Pen(database, episode.pk, "agent") as pen:
            await pen.take("x")
            await asyncio.wait_for(pen.task, 5)
            return True

    assert asyncio.run(write())
    assert not Watch.objects.exists()


def test_the_tick_removes_watches_that_nobody_keeps() -> None:
    episode = an_episode()
    watch(episode.pk, -1)
    heartbeat(now=timezone.now())
    assert not Watch.objects.exists()
    watch(episode.pk)
    heartbeat(now=timezone.now())
    assert Watch.objects.exists()


@pytest.mark.parametrize(
    ("text", "heard"),
    [("Hello", "Hello"), (f"Bye.\n{STOP} 4 quick", "Bye."), ("Bye.\n###ST", "Bye."), ("Bye #", "Bye"), ("# Title", "# Title")],
)
def test_the_mark_of_leaving_is_never_shown(text: str, heard: str) -> None:
    assert said(text) == heard


def test_a_long_text_shows_its_end() -> None:
    shown = said("x" * LONGEST + "end")
    assert len(shown) == LONGEST + 1
    assert shown.startswith("…")
    assert shown.endswith("end")
