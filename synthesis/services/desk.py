"""The desk: where web requests have programs of packs run, in sandbox processes of this process.

A request waits for its answer, at most about five seconds, or ten where the machine is overloaded: a program notices what it takes, a
process that does not answer is killed, and who finds all processes at work is told so instead of queueing. The processes start at the first
request, run in an event loop of their own thread, and end after some idle minutes, or when this process does (they read its end of the
pipe).
"""

import asyncio
from collections.abc import Coroutine, Mapping
from functools import cache
from threading import Lock, Thread
from typing import Any

from synthesis.adapters.sandbox import SandboxLimits, SandboxPool
from synthesis.adapters.sandbox.process import RefoldDiffers, SandboxDied, SandboxFailed
from synthesis.engine.packs.model import Pack

PROCESSES = 2
LIMITS = SandboxLimits(memory_mb=768, call_seconds=1.0, kill_seconds=2.5, job_seconds=4.0, wall=4.0)
PATIENCE = 1.5
"""Seconds to wait for a free process."""
START_SECONDS = 20.0
IDLE_SECONDS = 600.0
PACKS_KEPT = 64


_MAKING = Lock()
"""Two requests at the same time shall not make two desks."""


class DeskTrouble(Exception):
    """No answer. The text says why."""


class DeskBusy(DeskTrouble):
    """All sandbox processes are at work."""


class DeskDied(DeskTrouble):
    """The request ended its process: out of memory, or no answer in time."""


class DeskFailed(DeskTrouble):
    """The pack cannot do what was asked; the text is its fault."""


class Desk:
    """Sandbox processes for callers without an event loop, from any thread."""

    def __init__(self, processes: int = PROCESSES, limits: SandboxLimits = LIMITS, patience: float = PATIENCE) -> None:
        self.limits, self.patience = limits, patience
        self._packs: dict[str, Pack] = {}
        self._lock = Lock()
        self._loop = asyncio.new_event_loop()
        self._pool = SandboxPool(self._packs.__getitem__, processes, limits)
        self._free = asyncio.Semaphore(processes)
        self._asked = 0
        Thread(target=self._loop.run_forever, name="sandbox desk", daemon=True).start()

    def ask(self, method: str, *arguments: Any, packs: Mapping[str, Pack]) -> Any:
        """The answer of a sandbox's ``method``, as plain values.

        ``packs`` are what it needs, by the digest of their release. Raises DeskTrouble.
        """
        self._know(packs)
        return self._run(self._answer(method, arguments, self.limits.kill_seconds))

    def close(self) -> None:
        """End the processes; the next request starts them again."""
        self._run(self._pool.close())

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _know(self, packs: Mapping[str, Pack]) -> None:
        with self._lock:
            for digest, pack in packs.items():
                self._packs.pop(digest, None)  # the longest unused stands first
                self._packs[digest] = pack
            while len(self._packs) > PACKS_KEPT:
                del self._packs[next(iter(self._packs))]

    async def _answer(self, method: str, arguments: tuple[Any, ...], seconds: float) -> Any:
        try:
            async with asyncio.timeout(self.patience):
                await self._free.acquire()
        except TimeoutError:
            raise DeskBusy("all sandbox processes are at work") from None
        try:
            return await self._pool.ask_any(method, *arguments, seconds=seconds, start_seconds=START_SECONDS)
        except SandboxDied as died:
            raise DeskDied(str(died)) from None
        except (SandboxFailed, RefoldDiffers) as failed:
            raise DeskFailed(str(failed)) from None
        finally:
            self._free.release()
            self._asked += 1
            self._loop.call_later(IDLE_SECONDS, self._rest, self._asked)

    def _rest(self, asked: int) -> None:
        """End idle processes: nobody has asked since."""
        if asked == self._asked:
            self._resting = self._loop.create_task(self._pool.close())


@cache
def _only_desk() -> Desk:
    return Desk()


def desk() -> Desk:
    """The desk of this process."""
    with _MAKING:
        return _only_desk()
