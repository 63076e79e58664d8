"""The Worlds port over sandbox processes.

Environments stay with one process. When it dies (a memory bomb, a program that will not end), the call under way fails as
``internal_error`` and every other environment it held is refolded
from its own record of calls in a fresh process: one failed call is all that is lost.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from types import TracebackType
from typing import Any

import msgspec

from synthesis.adapters.sandbox.process import (
    Heard,
    PackMissing,
    RefoldDiffers,
    Sandbox,
    SandboxDied,
    SandboxFailed,
    SandboxLimits,
    heard_by_nobody,
)
from synthesis.engine.audit.report import AuditReport, Told, told_nobody
from synthesis.engine.episode.ports import CallRecord, Settled, StateMismatch, Verification, was_executed
from synthesis.engine.episode.views import View
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.generate import GenerateReply, GenerateRequest
from synthesis.engine.scenarios.scenario import Scenario, WorldRef
from synthesis.engine.simulation.fidelity import Rehearsed
from synthesis.engine.tools import Requestor, Simulation, ToolCall, ToolError, ToolOutcome

STARTS = 3
"""Starts of a process for one request before giving up."""


class SandboxPool:
    """Sandbox processes that run worlds. An async context manager; use it within one event loop."""

    def __init__(self, packs: Callable[[str], Pack], processes: int = 1, limits: SandboxLimits | None = None) -> None:
        self.packs = packs
        self.limits = limits or SandboxLimits()
        self._sandboxes = [Sandbox(self.limits) for _ in range(processes)]
        self._waiting = [0] * processes
        self._numbers = count(1)

    async def __aenter__(self) -> "SandboxPool":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """End all processes."""
        await asyncio.gather(*(sandbox.close() for sandbox in self._sandboxes))

    async def open(self, scenario: Scenario, past: Sequence[CallRecord] = ()) -> "SandboxEnvironment":
        """See the port. Raises StateMismatch."""
        environment = SandboxEnvironment(self, self._least_busy(), next(self._numbers), scenario, list(past))
        await environment.reopen()
        return environment

    async def verify(self, scenario: Scenario, calls: Sequence[CallRecord]) -> Verification:
        """See the port."""
        value = await self.ask(
            self._least_busy(), "verify", msgspec.json.encode(scenario), msgspec.to_builtins(list(calls)), seconds=self.limits.job_seconds
        )
        return msgspec.convert(value, Verification)

    async def generate(self, request: GenerateRequest) -> GenerateReply:
        """Generate one scenario. Raises SandboxDied or SandboxFailed for a pack that cannot be run."""
        value = await self.ask(self._least_busy(), "generate", msgspec.to_builtins(request), seconds=self.limits.job_seconds)
        return msgspec.convert(value, GenerateReply)

    async def audit(self, release: str, siblings: Sequence[WorldRef] = (), worlds: int = 25, told: Told = told_nobody) -> AuditReport:
        """Audit a pack in a sandbox; ``told`` hears how far it is. Raises SandboxDied when the pack ends its process."""
        others = msgspec.to_builtins(list(siblings))
        value = await self.ask(self._least_busy(), "audit", release, others, worlds, seconds=self.limits.job_seconds, told=told)
        return msgspec.convert(value, AuditReport)

    async def ask_any(self, method: str, *arguments: Any, seconds: float, start_seconds: float) -> Any:
        """Ask the least busy process, which gets ``start_seconds`` to come up first where it does not run. Raises SandboxDied,
        SandboxFailed."""
        which = self._least_busy()
        if not self._sandboxes[which].running:
            await self.ask(which, "ready", seconds=start_seconds)
        return await self.ask(which, method, *arguments, seconds=seconds)

    def _least_busy(self) -> int:
        return min(range(len(self._sandboxes)), key=self._waiting.__getitem__)

    def generation(self, which: int) -> int:
        """How often process ``which`` was started."""
        return self._sandboxes[which].generation

    async def ask(self, which: int, method: str, *arguments: Any, seconds: float, told: Heard = heard_by_nobody) -> Any:
        """Ask process ``which``; packs that it lacks are sent."""
        sandbox = self._sandboxes[which]
        self._waiting[which] += 1
        try:
            while True:
                try:
                    return await sandbox.ask(method, *arguments, seconds=seconds, told=told)
                except PackMissing as missing:
                    digest = str(missing.args[0])
                    await sandbox.ask("load", digest, msgspec.json.encode(self.packs(digest)), seconds=seconds)
        finally:
            self._waiting[which] -= 1


class SandboxEnvironment:
    """The Environment port over one environment in a sandbox process. ``calls`` is what a refold needs."""

    def __init__(self, pool: SandboxPool, which: int, number: int, scenario: Scenario, calls: list[CallRecord]) -> None:
        self.pool, self.which, self.number, self.scenario, self.calls = pool, which, number, scenario, calls
        self.digest = ""
        self._generation = 0
        self._body = msgspec.json.encode(scenario)

    async def reopen(self) -> None:
        """Open the environment in its process, refolded from its calls. Raises StateMismatch."""
        for attempt in range(STARTS):
            try:
                past = msgspec.to_builtins(self.calls)
                self.digest = await self.pool.ask(self.which, "open", self.number, self._body, past, seconds=self.pool.limits.job_seconds)
            except RefoldDiffers as differs:
                raise StateMismatch(str(differs)) from None
            except SandboxDied:
                if attempt + 1 == STARTS:
                    raise
                continue
            self._generation = self.pool.generation(self.which)
            return

    async def call(self, call: ToolCall, requestor: Requestor = "agent") -> ToolOutcome:
        """See the port."""
        try:
            value = await self._ask("call", msgspec.to_builtins(call), requestor)
        except SandboxDied:
            return await self._lost(call, requestor)
        return self._keep(call, msgspec.convert(value, ToolOutcome), requestor)

    async def view(self, call: ToolCall, everything: bool = False) -> View | None:
        """See the port."""
        try:
            return msgspec.convert(await self._ask("view", msgspec.to_builtins(call), everything), View | None)
        except SandboxDied:
            return None  # ``call`` then fails as it does for programs

    async def settle(self, call: ToolCall, answer: Any, simulation: Simulation, everything: bool = False) -> Settled:
        """See the port."""
        try:
            value = await self._ask("settle", msgspec.to_builtins(call), answer, msgspec.to_builtins(simulation), everything)
        except SandboxDied:
            return Settled(await self._lost(call))
        settled = msgspec.convert(value, Settled)
        if settled.outcome:
            self._keep(call, settled.outcome)
        return settled

    async def rehearse(self, call: ToolCall, answer: Any) -> Rehearsed:
        """A simulator's ``answer`` beside what the program does; nothing is changed. Raises SandboxDied."""
        return msgspec.convert(await self._ask("rehearse", msgspec.to_builtins(call), answer), Rehearsed)

    async def _ask(self, method: str, *arguments: Any) -> Any:
        """Ask the process for something of this environment, opened anew where another process took its place. Raises SandboxDied when it
        dies of this request, or keeps dying."""
        if self._generation != self.pool.generation(self.which):
            await self.reopen()
        for _ in range(STARTS):
            try:
                return await self.pool.ask(self.which, method, self.number, *arguments, seconds=self.pool.limits.kill_seconds)
            except SandboxFailed:
                if self._generation == self.pool.generation(self.which):
                    raise
                await self.reopen()
        raise SandboxDied("the sandbox kept dying")

    def _keep(self, call: ToolCall, outcome: ToolOutcome, requestor: Requestor = "agent") -> ToolOutcome:
        self.calls.append(CallRecord(call, outcome, was_executed(outcome), requestor))
        self.digest = outcome.digest
        return outcome

    async def _lost(self, call: ToolCall, requestor: Requestor = "agent") -> ToolOutcome:
        """The call that ended its process: failed, with the state as it was before."""
        outcome = ToolOutcome(error=ToolError("internal_error", "The tool failed."), digest=self.digest)
        self.calls.append(CallRecord(call, outcome, False, requestor))
        await self.reopen()
        return outcome

    async def close(self) -> None:
        """See the port."""
        if self._generation == self.pool.generation(self.which):
            try:
                await self.pool.ask(self.which, "close", self.number, seconds=self.pool.limits.kill_seconds)
            except (SandboxDied, SandboxFailed):
                return
