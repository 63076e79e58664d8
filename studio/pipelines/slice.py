"""One slice at work: many episodes of a run in one event loop, generated, played and judged side by side.

Everything durable is in the database: a slice may die at any point and another goes on from there. Nothing here is kept from one slice to
the next.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any

import msgspec
import structlog
from django.db import DatabaseError
from django.utils import timezone

from studio import broadcast
from studio.pipelines.generation_desk import GenerationDesk
from studio.pipelines.judging_desk import JudgingDesk
from studio.pipelines.stage import Stage
from studio.pipelines.unanswered import unanswered
from synthesis.engine.chat.errors import ChatError
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import Outcome
from synthesis.engine.episode.ports import LostEpisode, StateMismatch
from synthesis.engine.episode.seats import Parked
from synthesis.engine.episode.tool_calls import tool_calls
from synthesis.selectors import runs
from synthesis.services import claims, hand, leases
from synthesis.services.claims import Claim
from synthesis.services.database import DatabaseThread
from synthesis.services.event_writer import Append, EventWriter
from synthesis.services.playing import Played, play_claim

logger = logging.getLogger(__name__)

PAUSE, LONGEST_PAUSE = 0.05, 0.5
"""Seconds between looks at the database while there is nothing to do: more and more."""
HOLD = 10.0
"""Seconds from which on nobody waits for a moment to come, but gives the place away."""
BATCH = 16
"""Episodes claimed at a time, and places at the judge's desk at least."""


class SliceLimits(msgspec.Struct, frozen=True):
    """How a slice works.

    ``width`` episodes in flight for at most ``seconds``; it leaves after ``idle`` seconds without work; the others as in operations.
    """

    width: int = 64
    seconds: float = 120.0
    idle: float = 5.0
    lease: float = 30.0
    heartbeat: float = 10.0
    poison: int = 5
    grace: float = 60.0


class SliceOver(Exception):
    """Raised out of a log after a durable append once the slice is stopping: the episode is handed back between two steps."""


class StoppableWriter:
    """The event writer as the episodes of a stopping slice see it."""

    def __init__(self, writer: EventWriter, stopping: asyncio.Event) -> None:
        self.writer, self.stopping = writer, stopping

    async def append(self, append: Append) -> None:
        """Append, then leave if the slice is stopping and the episode has not just ended."""
        await self.writer.append(append)
        broadcast.publish(f"episode:{append.episode}")
        if self.stopping.is_set() and append.events[-1].kind != "episode_ended":
            raise SliceOver


class SliceWork:
    """The work of one slice of one run. ``await SliceWork(...).run()`` returns how many episodes it judged.

    ``watch`` is called now and then with the stopping event, for those who want to end the slice from outside.
    """

    def __init__(self, *, run_id: int, slice_id: int, stage: Stage, limits: SliceLimits, clock: Callable[[], float] = monotonic) -> None:
        self.run_id, self.slice_id, self.stage, self.limits, self.clock = run_id, slice_id, stage, limits, clock
        self.lease = timedelta(seconds=limits.lease)
        self.stopping = asyncio.Event()
        self.moved = asyncio.Event()
        self.in_flight: set[asyncio.Task[None]] = set()
        self.errors: list[BaseException] = []
        self.judged = self.lost = 0

    async def run(self) -> int:
        """Work until the time is up, there is nothing left to do, or ``stopping`` is set."""
        started = self.clock()
        async with (
            DatabaseThread("slice") as self.database,
            DatabaseThread("heart") as heart,
            self.stage.workshop() as self.worlds,
            self.stage.at_work(self.database),
            EventWriter(self.database) as events,
        ):
            self.writer = StoppableWriter(events, self.stopping)
            self.desk = JudgingDesk(
                judge=self.stage.judge,
                worlds=self.worlds,
                places=max(self.limits.width, BATCH),
                store=self._store,
                troubled=self._troubled,
                let_go=self._let_go,
            )
            scenarios = GenerationDesk(
                run_id=self.run_id,
                slice_id=self.slice_id,
                width=self.limits.width,
                poison=self.limits.poison,
                lease=self.lease,
                database=self.database,
                worlds=self.worlds,
                stopping=self.stopping,
                moved=self.moved,
            )
            helpers = [self._beat(heart), scenarios.keep_ahead(), self._stop_at(started + self.limits.seconds)]
            tasks = [asyncio.create_task(work) for work in helpers]
            judge = asyncio.create_task(self.desk.store_all())
            try:
                await self._fill([*tasks[:2], judge])
            finally:
                self.stopping.set()
                await self._settle(judge, tasks)
        for error in self.errors:
            raise error
        return self.judged

    async def _stop_at(self, deadline: float) -> None:
        await asyncio.sleep(max(0.0, deadline - self.clock()))
        self.stopping.set()
        self.moved.set()

    async def _settle(self, judge: asyncio.Task[None], helpers: Sequence[asyncio.Task[None]]) -> None:
        """Let the steps in flight finish, judge what has ended, stop the helpers."""
        if self.in_flight:
            _, late = await asyncio.wait(self.in_flight, timeout=self.limits.grace)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=self.limits.grace)
        helpers[2].cancel()
        await self.desk.close(self.limits.grace)
        for result in await asyncio.gather(judge, helpers[1], return_exceptions=True):
            if isinstance(result, BaseException):
                self.errors.append(result)
        # Until here: a judge may take longer than a lease.
        helpers[0].cancel()
        self.errors += self.desk.errors

    async def _beat(self, heart: DatabaseThread) -> None:
        """Prolong the leases from a connection of its own; whoever was given up for dead stops."""
        while True:
            await asyncio.sleep(self.limits.heartbeat)
            if not await heart.run(leases.slice_renew, slice_id=self.slice_id, lease=self.lease, now=timezone.now()):
                self.stopping.set()
                self.moved.set()

    async def _fill(self, helpers: Sequence[asyncio.Task[None]]) -> None:
        """Keep the width filled with claimed episodes until there is nothing left to claim."""
        idle_since: float | None = None
        pause = PAUSE
        while not self.stopping.is_set() and not self.errors and not self.desk.errors:
            for helper in helpers:
                if helper.done() and helper.exception():
                    return
            self.moved.clear()
            claimed = await self._claim()
            left = 0.0 if claimed or self.in_flight else await self.database.run(self._left)
            if left is None or left > HOLD:
                return
            if claimed or self.in_flight or left or self.desk.busy:
                idle_since = None
            else:
                idle_since = idle_since if idle_since is not None else self.clock()
                if self.clock() - idle_since > self.limits.idle:
                    return
            pause = PAUSE if claimed else min(pause * 1.3, LONGEST_PAUSE)
            await self._movement(1.0 if claimed else pause)

    async def _movement(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.moved.wait(), seconds)
        except TimeoutError:
            return

    def _left(self) -> float | None:
        """Seconds until there is something to play again, 0 if there may be something now; None when the run needs nobody any more."""
        run = runs.run_get(self.run_id)
        if run is None or run.status != "running" or runs.run_is_over(self.run_id):
            return None
        return runs.rest_of(self.run_id, timezone.now())

    async def _claim(self) -> int:
        """Claim and start as many episodes as there is room for; those that have crashed before only when nothing else is in hand."""
        room = self.limits.width - len(self.in_flight)
        if room < min(8, self.limits.width) and self.in_flight:
            return 0
        now, suspects = timezone.now(), False
        arguments: dict[str, Any] = {"run_id": self.run_id, "holder": self.slice_id, "lease": self.lease, "now": now}
        found = await self.database.run(claims.claim_queued, limit=min(room, BATCH), **arguments)
        if not found:
            found = await self.database.run(claims.claim_played, limit=min(room, BATCH), **arguments)
        if not found and not self.in_flight:
            suspects = True
            found = await self.database.run(claims.claim_queued, limit=1, suspects=True, **arguments)
            found = found or await self.database.run(claims.claim_played, limit=1, suspects=True, **arguments)
        for claim in found:
            task = asyncio.create_task(self._take(claim))
            self.in_flight.add(task)
            task.add_done_callback(self._landed)
        return 0 if suspects and not found else len(found)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self.in_flight.discard(task)
        self.moved.set()
        if not task.cancelled() and (error := task.exception()):
            self.errors.append(error)

    async def _take(self, claim: Claim) -> None:
        """Bring one claimed episode to its end, or say why it cannot be."""
        structlog.contextvars.bind_contextvars(episode=claim.id)
        if claim.crashes >= self.limits.poison:
            await self.database.run(
                claims.fail, episode=claim.id, epoch=claim.epoch, kind="poison", detail=f"its worker died {claim.crashes} times at one step"
            )
            return
        try:
            played = await self._played(claim)
        except LostEpisode:
            self.lost += 1
        except Parked:
            await self.database.run(hand.park, episode=claim.id, epoch=claim.epoch)
            broadcast.publish(f"episode:{claim.id}")
        except (SliceOver, asyncio.CancelledError):
            await self.database.run(claims.hand_back, episodes=[(claim.id, claim.epoch)])
        except ChatError as error:
            await self._unanswered(claim, error)
        except StateMismatch as error:
            await self.database.run(claims.fail, episode=claim.id, epoch=claim.epoch, kind="infrastructure", detail=str(error))
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary: whatever a seat or a world raises becomes the episode's record
            await self._crashed(claim, "error", error)
        else:
            await self.desk.take(played)

    async def _played(self, claim: Claim) -> Played:
        """Play the claim; one that has ended already only needs judging."""
        if claim.past and claim.past[-1].kind == "episode_ended":
            return Played(claim, claim.past, outcome_of(claim.past))
        return await play_claim(claim, worlds=self.worlds, seats=self.stage.seats, writer=self.writer, limits=self.stage.limits)

    async def _unanswered(self, claim: Claim, error: ChatError) -> None:
        became = await self.database.run(unanswered, run_id=self.run_id, claim=claim, error=error, now=timezone.now())
        if became != "put_off":
            logger.warning("episode %s of run %s: %s: %s: %s", claim.index, self.run_id, became, error.kind, error)
            broadcast.publish(f"run:{self.run_id}")

    async def _crashed(self, claim: Claim, kind: str, error: Exception) -> None:
        logger.warning("episode %s of run %s: %s: %s", claim.index, self.run_id, kind, error, exc_info=error)
        detail = f"{type(error).__name__}: {error}"
        await self.database.run(claims.crashed, claim=claim, kind=kind, detail=detail, now=timezone.now(), limit=self.limits.poison)

    async def _troubled(self, claim: Claim, error: Exception) -> None:
        if isinstance(error, DatabaseError):
            raise error
        if isinstance(error, ChatError):
            await self._unanswered(claim, error)
        else:
            await self._crashed(claim, "judging", error)

    async def _let_go(self, claim: Claim) -> None:
        await self.database.run(claims.hand_back, episodes=[(claim.id, claim.epoch)])

    async def _store(self, found: Sequence[tuple[Played, Any]]) -> None:
        await self.database.run(self.stage.judge.record, [result for _, result in found])
        keys = [(played.claim.id, played.claim.epoch) for played, _ in found]
        usage = {played.claim.id: tool_calls(played.claim.scenario, played.events) for played, _ in found}
        self.judged += await self.database.run(claims.close_judged, episodes=keys, usage=usage)
        self.moved.set()


def outcome_of(events: Sequence[Event]) -> Outcome:
    """How a log that has ended says that it ended."""
    end = events[-1]
    totals = end.payload.get("totals", {})
    return Outcome(end.payload["reason"], totals.get("turns", 0), totals.get("calls", 0), end.payload.get("digest", ""))
