"""One sandbox process as its owner sees it: start, ask, kill, start again."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from synthesis.adapters.sandbox.wire import HEADER, MAX_FRAME, frame

ROOT = Path(__file__).resolve().parents[3]
Heard = Callable[..., None]


def heard_by_nobody(*_: Any) -> None:
    """For requests of which only the answer matters."""


class SandboxLimits(msgspec.Struct, frozen=True):
    """Limits of a sandbox process, in processor time: ``call_seconds`` is what a program may take, which it notices itself;
    ``kill_seconds`` what its process may take for one call before the kernel ends it; ``job_seconds`` the same for long jobs (generate,
    verify, audit).

    On the wall each may last ``wall`` times as long: then the process is killed although it did not compute, since it hangs or the machine
    does.
    """

    memory_mb: int = 1024
    call_seconds: float = 2.0
    kill_seconds: float = 4.0
    job_seconds: float = 120.0
    wall: float = 15.0


class SandboxDied(Exception):
    """The process ended, or was killed at its deadline, in the middle of a request. The text says which."""


class SandboxFailed(Exception):
    """The process answered that the request failed; the text is its error."""


class PackMissing(Exception):
    """The process does not have the pack ``args[0]`` yet."""


class RefoldDiffers(Exception):
    """A refold gave another state than the log."""


class Sandbox:
    """One process; requests are answered one at a time. ``generation`` rises with every start, so owners of environments notice a loss."""

    def __init__(self, limits: SandboxLimits) -> None:
        self.limits = limits
        self.generation = 0
        self.loaded: set[str] = set()
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()

    @property
    def running(self) -> bool:
        """Whether the process is up, as far as is known."""
        return self._process is not None and self._process.returncode is None

    async def ask(self, method: str, *arguments: Any, seconds: float, told: Heard = heard_by_nobody) -> Any:
        """Send a request and give its value; ``seconds`` of processor time are what it may take, and ``told`` hears what the process says
        in between. Raises SandboxDied, SandboxFailed, PackMissing, RefoldDiffers."""
        async with self._lock:
            process = await self._running()
            try:
                async with asyncio.timeout(seconds * self.limits.wall):
                    kind, value = await _exchange(process, frame([method, arguments, seconds]), told)
            except TimeoutError:
                await self._kill()
                raise SandboxDied(f"{method} did not end within {seconds * self.limits.wall:g} s") from None
            except (asyncio.IncompleteReadError, BrokenPipeError, ConnectionResetError):
                # Its end of the pipe is closed, so it is over or about to be.
                if await self._kill() == -signal.SIGPROF:
                    raise SandboxDied(f"{method} computed for longer than {seconds:g} s") from None
                raise SandboxDied(f"the process ended during {method}: out of memory, or crashed") from None
            except asyncio.CancelledError:
                await self._kill()  # a reply is under way that nobody would read
                raise
        if kind == "ok":
            return value
        raise {"missing": PackMissing, "mismatch": RefoldDiffers}.get(kind, SandboxFailed)(value)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self.generation += 1
            self.loaded = set()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "synthesis.adapters.sandbox.child", str(self.limits.memory_mb << 20), str(self.limits.call_seconds),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "PATH": os.environ.get("PATH", "")}, cwd=str(ROOT), limit=1 << 20,
                start_new_session=True,
            )  # fmt: skip
        return self._process

    async def _kill(self) -> int | None:
        """End the process; gives its return code, which of one that had ended already is its own."""
        process, self._process = self._process, None
        if process is None:
            return None
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        return process.returncode

    async def close(self) -> None:
        """End the process."""
        async with self._lock:
            await self._kill()


async def _exchange(process: asyncio.subprocess.Process, request: bytes, told: Heard) -> list[Any]:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(request)
    await process.stdin.drain()
    while (reply := await _reply(process.stdout))[0] == "told":
        told(*reply[1])
    return reply


async def _reply(source: asyncio.StreamReader) -> list[Any]:
    size = HEADER.unpack(await source.readexactly(HEADER.size))[0]
    if size > MAX_FRAME:
        raise BrokenPipeError(f"a reply of {size:,} bytes")
    reply: list[Any] = msgspec.msgpack.decode(await source.readexactly(size))
    return reply
