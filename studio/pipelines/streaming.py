"""Words of a model as they come, for whoever watches the episode. Only calls of watched episodes are streamed; nobody else pays for it."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from django.db import DatabaseError
from django.utils import timezone

from studio import broadcast
from synthesis.engine.chat.model import ChatModel, ChatReply, ChatRequest, OnDelta
from synthesis.engine.participants.prompts import STOP
from synthesis.selectors.watches import watched
from synthesis.services.database import DatabaseThread
from synthesis.services.watches import watch_write

logger = logging.getLogger(__name__)

LOOK = 2.0
"""Seconds between two looks at who is watched: one query for all episodes of a slice."""
PACE = 0.25
"""Seconds between two writes of one message."""
LONGEST = 4000
"""Characters that are kept; of more, the last."""


class Watching:
    """Which episodes of a run are watched, for one slice; looks when it is asked, and at most every ``LOOK`` seconds."""

    def __init__(self, database: DatabaseThread, run_id: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.database, self.run_id, self.clock = database, run_id, clock
        self.episodes: frozenset[int] = frozenset()
        self.looked: float | None = None

    async def watches(self, episode: int) -> bool:
        """Whether somebody watches."""
        if self.looked is None or self.clock() - self.looked >= LOOK:
            # Before the answer comes: whoever asks meanwhile takes what is known.
            self.looked = self.clock()
            try:
                self.episodes = await self.database.run(watched, self.run_id, timezone.now())
            except DatabaseError as error:
                logger.warning("nobody knows who is watched: %s", error)
        return episode in self.episodes


class WatchedModel:
    """A ``ChatModel`` in a seat (``user`` or ``agent``), whose answers are streamed to the page while somebody watches."""

    def __init__(self, model: ChatModel, watching: Watching, episode: int, seat: str) -> None:
        self.model, self.watching, self.episode, self.seat = model, watching, episode, seat

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        """See ``ChatModel``."""
        if on_delta is not None or not await self.watching.watches(self.episode):
            return await self.model.reply(request, on_delta)
        async with Pen(self.watching.database, self.episode, self.seat) as pen:
            return await self.model.reply(request, pen.take)


class Pen:
    """Writes down what one call brings. An asynchronous context manager: nothing is written any more once it is left, so the words never
    come after the event that takes their place. What a failed call brought is taken back.
    """

    def __init__(self, database: DatabaseThread, episode: int, seat: str) -> None:
        self.database, self.episode, self.seat = database, episode, seat
        self.text = ""
        self.over = asyncio.Event()

    async def take(self, piece: str) -> None:
        """Some more; "" begins anew."""
        self.text = (self.text + piece)[-2 * LONGEST :] if piece else ""

    async def __aenter__(self) -> "Pen":
        self.task = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.over.set()
        await self.task
        if kind is not None:
            await self._store("", "")

    async def _write(self) -> None:
        told: str | None = None
        while not self.over.is_set():
            text = said(self.text)
            if text != told and not await self._store(self.seat, text):
                return
            told = text
            with suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), PACE)

    async def _store(self, seat: str, text: str) -> bool:
        """False when there is no use in going on."""
        try:
            kept = await self.database.run(watch_write, episode_id=self.episode, seat=seat, text=text, now=timezone.now())
        except DatabaseError as error:
            logger.warning("words of episode %s could not be shown: %s", self.episode, error)
            return False
        broadcast.publish(f"episode:{self.episode}")
        return kept


def said(text: str) -> str:
    """What the other seat will hear of these words: without the mark by which a user leaves, or as much of it as is there."""
    heard, mark, _rating = text.partition(STOP)
    if not mark:
        begun = next((n for n in range(len(STOP) - 1, 0, -1) if heard.endswith(STOP[:n])), 0)
        heard = heard[: len(heard) - begun]
    heard = heard.strip()
    return heard if len(heard) <= LONGEST else "…" + heard[-LONGEST:]
