"""Group commit of event logs.

Every episode of a slice appends here; what has gathered while one transaction was being written goes into the next one, all episodes
together.
Each episode is still guarded by its own condition on epoch, length of log and status, so one that was lost does not hold up the others.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django.db import connection, transaction
from django.utils import timezone

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.ports import LostEpisode
from synthesis.services.border import encode_payload
from synthesis.services.database import DatabaseThread

GATHER_SECONDS = 0.004
"""How long a transaction waits for more appends: an episode does not notice, and a third of the transactions is saved."""

GUARD = """
WITH given (id, epoch, seq, added, tokens, cost) AS (VALUES {rows})
UPDATE synthesis_episode SET
  next_seq = given.seq + given.added, tokens = synthesis_episode.tokens + given.tokens, cost = synthesis_episode.cost + given.cost
FROM given
WHERE synthesis_episode.id = given.id AND synthesis_episode.epoch = given.epoch
  AND synthesis_episode.next_seq = given.seq AND synthesis_episode.status = 'playing'
RETURNING synthesis_episode.id
"""
INSERT = """
INSERT INTO synthesis_event (episode_id, seq, kind, turn, call_id, head, payload, created) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
END = """
UPDATE synthesis_episode SET status = 'played', outcome = %s, digest = %s, turns = %s, calls = %s, finished = %s WHERE id = %s
"""
SLIP = "UPDATE synthesis_episodetruth SET slip = %s WHERE episode_id = %s"


class Append(NamedTuple):
    """One episode's share of a transaction: ``events`` continue its log, written under ``epoch``; ``slip`` (JSON text) is a slip made in
    them."""

    episode: int
    epoch: int
    events: Sequence[Event]
    slip: str | None = None


def write_appends(appends: Sequence[Append], now: datetime) -> set[int]:
    """Write all appends in one transaction and return the episodes that took theirs; the others were claimed, paused or cancelled
    meanwhile.

    At most one append per episode. An ``episode_ended`` event also moves its episode to ``played`` in the same transaction.
    """
    moment = connection.ops.adapt_datetimefield_value(now)
    guards = [value for append in appends for value in _guard_row(append)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(GUARD.format(rows=", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(appends))), guards)
        taken = {row[0] for row in cursor.fetchall()}
        mine = [append for append in appends if append.episode in taken]
        cursor.executemany(INSERT, [_event_row(append.episode, event, moment) for append in mine for event in append.events])
        ends = [_end_row(append.episode, event, moment) for append in mine for event in append.events if event.kind == "episode_ended"]
        slips = [(append.slip, append.episode) for append in mine if append.slip]
        for statement, rows in ((END, ends), (SLIP, slips)):
            if rows:
                cursor.executemany(statement, rows)
    return taken


def _guard_row(append: Append) -> tuple[int, ...]:
    used = [event.payload["usage"] for event in append.events if event.payload.get("usage")]
    tokens = sum(usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0) for usage in used)
    return (append.episode, append.epoch, append.events[0].seq, len(append.events), tokens, sum(usage.get("cost", 0) for usage in used))


def _event_row(episode: int, event: Event, moment: Any) -> tuple[Any, ...]:
    head = event.head.replace("\x00", "").encode("utf-8", "replace").decode()
    return (episode, event.seq, event.kind, event.turn, event.call_id, head, encode_payload(event.payload), moment)


def _end_row(episode: int, event: Event, moment: Any) -> tuple[Any, ...]:
    payload = event.payload
    totals = payload.get("totals", {})
    return (payload["reason"], payload.get("digest", ""), totals.get("turns", 0), totals.get("calls", 0), moment, episode)


class Appender(Protocol):
    """Takes appends and returns when they are durable."""

    async def append(self, append: Append) -> None:
        """Raises LostEpisode when the episode is no longer ours."""


class EventWriter:
    """Collects the appends of a slice and writes them through ``database``.

    An asynchronous context manager; leaving it writes what is still waiting. A failure of the database reaches everyone whose append was in
    the failed transaction, and ends the writer: nothing more is accepted.
    """

    def __init__(self, database: DatabaseThread, clock: Callable[[], datetime] = timezone.now) -> None:
        self.database, self.clock = database, clock
        self.waiting: list[tuple[Append, asyncio.Future[None]]] = []
        self.filled = asyncio.Event()
        self.closing = False
        self.broken: BaseException | None = None
        self.transactions = self.events = 0

    async def append(self, append: Append) -> None:
        """Returns when the events are durable. Raises LostEpisode when the episode is no longer ours, else what the database raised."""
        if self.broken:
            raise self.broken
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((append, done))
        self.filled.set()
        await done

    async def __aenter__(self) -> "EventWriter":
        self.task = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.closing = True
        self.filled.set()
        await self.task

    async def _write(self) -> None:
        while not (self.closing and not self.waiting):
            await self.filled.wait()
            if not self.closing:
                await asyncio.sleep(GATHER_SECONDS)
            self.filled.clear()
            batch, self.waiting = self.waiting, []
            if batch:
                await self._commit(batch)

    async def _commit(self, batch: list[tuple[Append, asyncio.Future[None]]]) -> None:
        try:
            taken = await self.database.run(write_appends, [append for append, _ in batch], self.clock())
        except Exception as error:  # noqa: BLE001 - whatever the database raised is told to everyone who waits for it
            self.broken = error
            batch, self.waiting = batch + self.waiting, []
            for _, done in batch:
                if not done.done():
                    done.set_exception(error)
            return
        self.transactions += 1
        for append, done in batch:
            self.events += len(append.events)
            if done.done():
                continue
            if append.episode in taken:
                done.set_result(None)
            else:
                done.set_exception(LostEpisode(f"episode {append.episode} under epoch {append.epoch}"))


class EpisodeLog:
    """One episode's log as the engine's loop sees it (``episode.ports.Log``), writing under the epoch of its claim.

    ``slips`` is where the seats' truth comes from: the slip noted since the last append travels in the same transaction. ``events`` keeps
    what was written.
    """

    def __init__(self, writer: Appender, episode: int, epoch: int, take_slip: Callable[[], str | None]) -> None:
        self.writer, self.episode, self.epoch, self.take_slip = writer, episode, epoch, take_slip
        self.events: list[Event] = []

    async def append(self, events: Sequence[Event]) -> None:
        """Append durably. Raises LostEpisode."""
        await self.writer.append(Append(self.episode, self.epoch, events, self.take_slip()))
        self.events.extend(events)
