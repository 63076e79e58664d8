"""The sandbox process: reads requests on standard input, runs pack programs, writes replies on standard output.

Started by ``process.Sandbox`` with limits already described in its arguments; it holds no secret, opens no file and no socket, and may
be killed at any moment.
"""

import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import msgspec

from synthesis.adapters.sandbox.wire import HEADER, frame
from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.environments.episode_world import EpisodeWorld
from synthesis.engine.environments.local import MachineRoom
from synthesis.engine.episode.ports import CallRecord, StateMismatch
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.generate import GenerateRequest
from synthesis.engine.scenarios.scenario import Scenario, WorldRef
from synthesis.engine.tools import Requestor, Simulation, ToolCall
from synthesis.engine.trials.room import TrialRoom

MOST_PACKS = 64
"""Packs that a process keeps with their machines: drafts that are tried change with every save."""


class Missing(LookupError):
    """A pack that the owner has not sent yet."""


class Server:
    """Answers requests over the machines and environments it holds."""

    def __init__(self, call_seconds: float, tell: Callable[[bytes], None] = lambda frame: None) -> None:
        self.tell = tell
        self.packs: dict[str, Pack] = {}
        self.room = MachineRoom(self._pack, StarlarkInterpreter(call_seconds))
        self.environments: dict[int, EpisodeWorld] = {}
        self.methods: dict[str, Callable[..., Any]] = {
            "load": self.load,
            "open": self.open,
            "call": self.call,
            "view": self.view,
            "settle": self.settle,
            "rehearse": self.rehearse,
            "close": self.close,
            "verify": self.verify,
            "generate": self.generate,
            "audit": self.audit,
            "ready": lambda: True,
            **TrialRoom(self.room.machine, time.perf_counter).methods,
        }

    def _pack(self, digest: str) -> Pack:
        if digest not in self.packs:
            raise Missing(digest)
        return self.packs[digest]

    def load(self, digest: str, pack: bytes) -> None:
        """Take a pack, as JSON. The one that came first goes when there are too many: it is sent again when needed."""
        if len(self.packs) >= MOST_PACKS:
            oldest = next(iter(self.packs))
            del self.packs[oldest]
            self.room.forget(oldest)
        self.packs[digest] = msgspec.json.decode(pack, type=Pack)

    def open(self, number: int, scenario: bytes, past: list[Any]) -> str:
        """Open environment ``number``, refolded from ``past``; its state digest."""
        world = EpisodeWorld(msgspec.json.decode(scenario, type=Scenario), self.room.machine)
        world.refold(msgspec.convert(past, list[CallRecord]))
        self.environments[number] = world
        return world.digest()

    def call(self, number: int, call: Any, requestor: Requestor) -> Any:
        """Execute a call of one side in environment ``number``."""
        return self.environments[number].call(msgspec.convert(call, ToolCall), requestor)

    def view(self, number: int, call: Any, everything: bool) -> Any:
        """What a simulator is shown for a call in environment ``number``, or None."""
        return self.environments[number].view(msgspec.convert(call, ToolCall), everything)

    def settle(self, number: int, call: Any, answer: Any, simulation: Any, everything: bool) -> Any:
        """Take a simulator's answer in environment ``number``."""
        told = msgspec.convert(simulation, Simulation)
        return self.environments[number].settle(msgspec.convert(call, ToolCall), answer, told, everything)

    def rehearse(self, number: int, call: Any, answer: Any) -> Any:
        """A simulator's answer beside the program's in environment ``number``."""
        return self.environments[number].rehearse(msgspec.convert(call, ToolCall), answer)

    def close(self, number: int) -> None:
        """Forget environment ``number``."""
        self.environments.pop(number, None)

    def verify(self, scenario: bytes, calls: list[Any]) -> Any:
        """Replay calls in a fresh world."""
        return self.room.verify(msgspec.json.decode(scenario, type=Scenario), msgspec.convert(calls, list[CallRecord]))

    def generate(self, request: Any) -> Any:
        """Generate a scenario."""
        return self.room.generate(msgspec.convert(request, GenerateRequest))

    def audit(self, release: str, siblings: list[Any], worlds: int) -> Any:
        """Audit a pack, telling between the request and its reply how far it is."""

        def told(stage: str, done: int, total: int) -> None:
            self.tell(frame(["told", [stage, done, total]]))

        return self.room.audit(release, msgspec.convert(siblings, list[WorldRef]), worlds, told)

    def answer(self, body: bytes) -> bytes:
        """The reply frame to one request. Whatever a pack or a request does wrong becomes a reply."""
        try:
            method, arguments, seconds = msgspec.msgpack.decode(body)
            with bounded(seconds):
                return frame(["ok", self.methods[method](*arguments)])
        except Missing as missing:
            return frame(["missing", str(missing)])
        except StateMismatch as mismatch:
            return frame(["mismatch", str(mismatch)])
        except Exception as error:  # noqa: BLE001 - the boundary: a fault of a pack or request must not end the process
            return frame(["failed", f"{type(error).__name__}: {error}"[:2000]])


def serve(source: BinaryIO, sink: BinaryIO, server: Server) -> None:
    """Answer until the owner closes the pipe."""
    while True:
        header = source.read(HEADER.size)
        if len(header) < HEADER.size:
            return
        sink.write(server.answer(source.read(HEADER.unpack(header)[0])))
        sink.flush()


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Let the kernel end this process when the block takes more processor time, whatever the interpreter is busy with."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def confine(memory_bytes: int) -> None:
    """Limit this process: address space, no core dumps, few files, no children's privileges."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def main() -> None:
    """Entry point: ``child MEMORY_BYTES CALL_SECONDS``."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not tear the protocol
    confine(int(sys.argv[1]))

    def tell(told: bytes) -> None:
        replies.write(told)
        replies.flush()

    serve(sys.stdin.buffer, replies, Server(float(sys.argv[2]), tell))


if __name__ == "__main__":
    main()
