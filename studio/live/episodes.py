"""The socket of an episode: ``/live/episodes/<id>/?after=<seq>``.

It joins the episode's group first and then reads the log from the database, so nothing falls between the two; a lost hint costs at most
``PATIENCE``. A frame is ``{events: [{seq, kind, turn, call, error, changed, html, outline}], phase, strip, writing}``; events come in
order, each once; ``writing`` is what a model has written so far of the event that comes next, ``{seat, seq, html}``, or null. When
nothing will be added any more the socket closes with ``OVER``; after every other end the browser comes again with the last number it has.
"""

import asyncio
import json
from functools import partial
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language

from studio.broadcast import group_of
from studio.live import visitors
from studio.live.drawings import Drawing, Drawings
from studio.live.writing import Watcher, Writing
from studio.pipelines import viewing
from studio.pipelines.phases import Phase, elapsed_of, phase_of
from studio.pipelines.taking_over import plays_by_hand
from synthesis.models import Event
from synthesis.selectors import episodes
from synthesis.selectors.episodes import Step

BATCH = 200
PATIENCE = 2.0
POLL = 0.25
COALESCE = 0.15
SEND_SECONDS = 15.0
RECHECK_SECONDS = 30.0
DRAWINGS = Drawings(most=16_000_000)
OVER, SLOW, SENT_AWAY, TOO_MANY = 4000, 4408, 4401, 4429


class EpisodeSocket(AsyncWebsocketConsumer):
    """One page that follows one episode."""

    channel_layer: Any  # None without CHANNEL_LAYER_URL
    user_id: int | None = None
    following: asyncio.Task[None] | None = None
    tools = viewing.NO_TOOLBOX
    calls: int | None = None
    by_hand = False
    watcher: Watcher | None = None
    writing: Writing | None = None

    async def connect(self) -> None:
        """Let in whoever may see episodes, if there is this one; to everybody else it is as if there were nothing."""
        self.episode_id = int(self.scope["url_route"]["kwargs"]["episode_id"])
        self.after = _after(self.scope.get("query_string", b""))
        self.hinted = asyncio.Event()
        user = await database_sync_to_async(visitors.visitor)(self.scope, "episodes.view")
        if user is None or await database_sync_to_async(episodes.episode_step)(self.episode_id) is None:
            await self.close()
            return
        await self.accept()
        if not visitors.enter(user.pk):
            await self.close(TOO_MANY)
            return
        self.user_id = user.pk
        if self.channel_layer is not None:
            await self.channel_layer.group_add(group_of(f"episode:{self.episode_id}"), self.channel_name)
        self.following = asyncio.create_task(self._follow())

    async def disconnect(self, code: int) -> None:
        """Leave."""
        if self.following:
            self.following.cancel()
        if self.user_id is not None:
            visitors.leave(self.user_id)
            self.user_id = None
        if self.channel_layer is not None:
            await self.channel_layer.group_discard(group_of(f"episode:{self.episode_id}"), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Nothing is expected from the page."""

    async def hint(self, _message: Any) -> None:
        """There may be something new."""
        self.hinted.set()

    async def _follow(self) -> None:
        checked, told = monotonic(), ""
        while True:
            if monotonic() - checked > RECHECK_SECONDS:
                if await database_sync_to_async(visitors.visitor)(self.scope, "episodes.view") is None:
                    await self.close(SENT_AWAY)
                    return
                checked = monotonic()
            before = self.writing
            frame, more, phase = await database_sync_to_async(self._look)()
            if frame["events"] or phase.text != told or self.writing != before:
                told = phase.text
                if not await self._send(frame):
                    return
            if phase.over:
                if self.watcher:
                    await database_sync_to_async(self.watcher.end)()
                await self.close(OVER)
                return
            if not more:
                await self._wait()

    async def _send(self, frame: dict[str, Any]) -> bool:
        try:
            await asyncio.wait_for(self.send(json.dumps(frame, ensure_ascii=False)), SEND_SECONDS)
        except TimeoutError:
            await self.close(SLOW)
            return False
        return True

    async def _wait(self) -> None:
        """Until there may be something new."""
        if self.channel_layer is None:
            await asyncio.sleep(POLL)
            return
        try:
            await asyncio.wait_for(self.hinted.wait(), PATIENCE)
            await asyncio.sleep(COALESCE)
        except TimeoutError:
            return
        finally:
            self.hinted.clear()

    def _look(self) -> tuple[dict[str, Any], bool, Phase]:
        """Read what is new: the frame, whether there is more, and where the episode stands. Blocking."""
        # The state first: a log read after it holds at least what the state promises.
        step = episodes.episode_step(self.episode_id)
        if self.calls is None:
            self.calls = episodes.call_count(self.episode_id, self.after)
            looked_at = episodes.episode_get(self.episode_id)
            self.by_hand = looked_at is not None and plays_by_hand(looked_at.cast)
            self.watcher = Watcher(self.episode_id, looked_at.cast.get("seats", {})) if looked_at else None
        events = episodes.events_after(self.episode_id, self.after, BATCH)
        self.calls += sum(event.kind == "tool_result" for event in events)
        if events:
            self.after = events[-1].seq
        self.writing = self.watcher.look(step, self.after) if self.watcher and step else None
        step = step or Step("cancelled", self.after + 1, "", "cancelled", 0, None, None)
        with visitors.language_of(self.scope):
            phase = phase_of(
                status=step.status,
                outcome=step.outcome,
                run_status=step.run_status,
                shown=self.after + 1,
                stored=step.next_seq,
                by_hand=self.by_hand,
            )
            tools = self._tools() if events else viewing.NO_TOOLBOX
            writing = self.writing.drawn() if self.writing else None
            drawn = [DRAWINGS.get((*place_of(event), get_language()), partial(_drawn, event, tools)) for event in events]
        elapsed = elapsed_of(step.started, step.finished, timezone.now())
        strip = {
            "turn": events[-1].turn if events else None,
            "calls": self.calls,
            "events": max(step.next_seq, self.after + 1),
            "elapsed": elapsed,
        }
        return {"events": drawn, "phase": phase._asdict(), "strip": strip, "writing": writing}, len(events) == BATCH, phase

    def _tools(self) -> viewing.Toolbox:
        """The tools on offer, once the episode has begun."""
        if self.tools.names is None:
            looked_at = episodes.episode_get(self.episode_id)
            scenario = looked_at.scenario if looked_at else None
            self.tools = viewing.Toolbox(
                *episodes.tools_offered(self.episode_id), episodes.tool_schemas(scenario), episodes.tool_domains(scenario)
            )
        return self.tools


def place_of(event: Event) -> tuple[Any, ...]:
    """What names an event for good."""
    return event.episode_id, event.seq, event.created


def _drawn(event: Event, tools: viewing.Toolbox) -> Drawing:
    """An event as the page takes it: a result as what goes into its call's card, anything else as an article."""
    entry = viewing.entry_of(event, tools)
    html = render_to_string("episodes/entry.html", {"entry": entry, "episode_id": event.episode_id})
    outline = render_to_string("episodes/outline_entry.html", {"entry": entry})
    return {
        "seq": event.seq,
        "kind": event.kind,
        "turn": event.turn,
        "call": event.call_id,
        "error": entry.error,
        "changed": bool(entry.result and entry.result.changes),
        "html": html,
        "outline": outline,
    }


def _after(query: bytes) -> int:
    """The last event number that the page has; -1 when it has none or says nonsense."""
    given = parse_qs(query.decode("latin-1")).get("after", [""])[0]
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1
