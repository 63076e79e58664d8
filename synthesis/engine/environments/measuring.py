"""Measuring a simulator: gold calls of many scenarios, each answered by both the model and the program."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import msgspec

from synthesis.engine.chat.model import Usage
from synthesis.engine.environments.simulated import TRIES, Simulator, attempt
from synthesis.engine.episode.ports import OpenWorld
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.simulation.fidelity import Rehearsed, ToolFidelity
from synthesis.engine.simulation.gold_walk import GoldWalk
from synthesis.engine.simulation.questions import asked_again, question
from synthesis.engine.tools import ToolCall


class RehearsedWorld(OpenWorld, Protocol):
    """An open world in which both sides can be tried without changing it."""

    async def rehearse(self, call: ToolCall, answer: Any) -> Rehearsed:
        """A simulator's ``answer`` beside what the program does."""


class Measured(msgspec.Struct):
    """What has been measured so far. ``next`` is the number of the scenario that comes next, ``passed`` how many of its calls are behind;
    ``usage`` what the simulator took."""

    tools: dict[str, ToolFidelity] = {}
    next: int = 0
    passed: int = 0
    usage: Usage = Usage(attempts=0)

    def turn_over(self) -> None:
        """Go on to the next scenario."""
        self.next, self.passed = self.next + 1, 0

    @property
    def calls(self) -> int:
        """Calls measured, over all tools."""
        return sum(tool.calls for tool in self.tools.values())


def quotas(pack: Pack, calls: int) -> dict[str, int]:
    """How many calls of each tool are measured: ``calls`` in all, spread evenly over the agent's tools with programs that gold
    calls."""
    called = {call.call for intent in pack.intents.values() for call in intent.gold}
    tools = [name for name, tool in pack.agent_tools.items() if name in called and not tool.simulated]
    if not tools:
        return {}
    share, rest = divmod(calls, len(tools))
    return {name: share + (i < rest) for i, name in enumerate(tools)}


class Measuring:
    """Measures one simulator on one pack. ``quota`` by tool; ``Measured`` is carried on from where it stands, so a new worker may go on."""

    def __init__(self, pack: Pack, simulator: Simulator, quota: dict[str, int], measured: Measured) -> None:
        self.pack, self.simulator, self.quota, self.measured = pack, simulator, quota, measured

    def left(self, tool: str) -> int:
        """How many calls of a tool are still to be measured."""
        known = self.measured.tools.get(tool)
        return self.quota.get(tool, 0) - (known.calls if known else 0)

    @property
    def done(self) -> bool:
        """Whether every tool has its share."""
        return all(self.left(tool) <= 0 for tool in self.quota)

    def wanted(self) -> Sequence[str]:
        """Intents whose gold calls a tool that lacks calls, in the pack's order."""
        return [
            intent.id
            for intent in self.pack.intents.values()
            if intent.expect == "complete" and any(self.left(call.call) > 0 for call in intent.gold)
        ]

    async def scenario(self, scenario: Scenario, world: RehearsedWorld, told: Callable[[], Awaitable[None]]) -> None:
        """Go through the gold of one scenario in its open world; ``told`` is awaited after every call that was measured.

        Raises ChatErrors; what was measured before stays, and is passed over when the scenario is gone through again.
        """
        walk = GoldWalk(scenario)
        for position, call in enumerate(walk):
            if position >= self.measured.passed and self.left(call.name) > 0:
                await self._measure(call, world)
                self.measured.passed = position + 1
                await told()
            walk.got(await world.call(call, walk.side))
            if self.done:
                return

    async def _measure(self, call: ToolCall, world: RehearsedWorld) -> None:
        view = await world.view(call, everything=True)
        if view is None:
            return
        request, tries, spent = question(self.simulator.prompt, view), 0, Usage(attempts=0)
        result: Rehearsed | None = None
        problem = ""
        while tries < TRIES:
            tried = await attempt(self.simulator.model, request)
            tries, spent = tries + 1, spent.plus(tried.usage)
            problem = tried.problem
            if tried.value is not None:
                result = await world.rehearse(call, tried.value)
                problem = result.problem
            if not problem:
                break
            request = asked_again(request, tried.said, problem)
        if result is None or problem:
            real = await world.rehearse(call, None)
            result = msgspec.structs.replace(real, problem=problem or real.problem)
        tool = self.measured.tools.setdefault(call.name, ToolFidelity(call.name, self.pack.tools[call.name].effect))
        tool.add(call.arguments, result, repaired=tries > 1)
        self.measured.usage = self.measured.usage.plus(spent)
