"""The judge's desk in a slice: episodes that have ended are examined side by side, and what was found is stored in batches.

A model judge takes seconds where the checks take milliseconds, so nobody waits here for the slowest of a batch, and players wait only when
every place at the desk is taken.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from studio.pipelines.stage import Judge
from synthesis.engine.episode.ports import Worlds
from synthesis.services.claims import Claim
from synthesis.services.playing import Played

BATCH = 16
"""Episodes that share a transaction, at most."""
GATHER = 0.1
"""Seconds that an examined episode waits for more, so that their rows share a transaction."""

Store = Callable[[Sequence[tuple[Played, Any]]], Awaitable[None]]
"""Stores what was found and closes the episodes."""
Troubled = Callable[[Claim, Exception], Awaitable[None]]
"""Told what the judge raised about an episode."""


class JudgingDesk:
    """``places`` episodes at a time; ``let_go`` is told of those that were not done in time."""

    def __init__(
        self, *, judge: Judge, worlds: Worlds, places: int, store: Store, troubled: Troubled, let_go: Callable[[Claim], Awaitable[None]]
    ) -> None:
        self.judge, self.worlds, self.store, self.troubled, self.let_go = judge, worlds, store, troubled, let_go
        self.places = asyncio.Semaphore(places)
        self.at_work: set[asyncio.Task[None]] = set()
        self.examined: asyncio.Queue[tuple[Played, Any] | None] = asyncio.Queue()
        self.errors: list[BaseException] = []

    @property
    def busy(self) -> bool:
        """Whether somebody is being examined."""
        return bool(self.at_work)

    async def take(self, played: Played) -> None:
        """Lay an episode on the desk; waits for a place."""
        await self.places.acquire()
        task = asyncio.create_task(self._examine(played))
        self.at_work.add(task)
        task.add_done_callback(self._left)

    def _left(self, task: asyncio.Task[None]) -> None:
        self.at_work.discard(task)
        self.places.release()
        if not task.cancelled() and (error := task.exception()):
            self.errors.append(error)

    async def _examine(self, played: Played) -> None:
        try:
            found = await self.judge.examine(played, self.worlds)
        except asyncio.CancelledError:
            await self.let_go(played.claim)
        except Exception as error:  # noqa: BLE001 - the boundary: whatever a judge raises becomes the episode's record
            await self.troubled(played.claim, error)
        else:
            self.examined.put_nowait((played, found))

    async def store_all(self) -> None:
        """Store what was found until the desk is closed."""
        more = True
        while more:
            batch = [await self.examined.get()]
            if batch[0]:
                await asyncio.sleep(GATHER)
            while len(batch) < BATCH and not self.examined.empty():
                batch.append(self.examined.get_nowait())
            more = None not in batch
            if found := [item for item in batch if item]:
                await self.store(found)

    async def close(self, grace: float) -> None:
        """Let those at the desk come to their end within ``grace`` seconds; the others are let go."""
        if self.at_work:
            _, late = await asyncio.wait(self.at_work, timeout=grace)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        self.examined.put_nowait(None)
