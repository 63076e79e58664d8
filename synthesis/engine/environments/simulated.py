"""An environment whose simulated tools are answered by a model; all others go to the world underneath."""

from typing import Any

import msgspec

from synthesis.engine.chat.errors import Unusable
from synthesis.engine.chat.model import ChatModel, ChatRequest, Usage
from synthesis.engine.episode.ports import OpenWorld
from synthesis.engine.episode.views import View
from synthesis.engine.participants.prompts import Prompt
from synthesis.engine.simulation.questions import asked_again, question
from synthesis.engine.tools import Requestor, Simulation, ToolCall, ToolOutcome

TRIES = 2
"""The answer and, where it cannot be used, one more with the problem shown."""


class Simulator:
    """Who answers: ``model``, asked with ``prompt``. ``everything``: also for tools that have programs."""

    def __init__(self, model: ChatModel, prompt: Prompt, everything: bool = False) -> None:
        self.model, self.prompt, self.everything = model, prompt, everything


class Attempt(msgspec.Struct, frozen=True):
    """One try: the answer's ``value``, or None and the ``problem``; ``said`` is its text, for the repair turn."""

    value: Any
    problem: str
    said: str
    usage: Usage


async def attempt(model: ChatModel, request: ChatRequest) -> Attempt:
    """Ask once. Chat errors other than Unusable pass through."""
    try:
        reply = await model.reply(request)
    except Unusable as unusable:
        return Attempt(None, unusable.problem, unusable.said, unusable.usage)
    if reply.value is None:
        return Attempt(None, "Answer with one JSON object and nothing else.", reply.text, reply.usage)
    return Attempt(reply.value, "", reply.text, reply.usage)


class SimulatedTools:
    """The Environment port over an open world and a simulator. Raises ChatErrors; nothing has been changed then."""

    def __init__(self, world: OpenWorld, simulator: Simulator) -> None:
        self.world, self.simulator = world, simulator

    @property
    def digest(self) -> str:
        """The state digest of the world underneath."""
        return self.world.digest

    async def call(self, call: ToolCall, requestor: Requestor = "agent") -> ToolOutcome:
        """See the port. An answer that contradicts what was established is shown to the model once; then the call fails."""
        view = await self.world.view(call, self.simulator.everything) if requestor == "agent" else None
        if view is None:
            return await self.world.call(call, requestor)
        return await self._simulated(call, view)

    async def _simulated(self, call: ToolCall, view: View) -> ToolOutcome:
        everything, prompt = self.simulator.everything, self.simulator.prompt
        request = question(prompt, view)
        spent: Usage | None = None
        problems: list[str] = []
        for _ in range(TRIES):
            tried = await attempt(self.simulator.model, request)
            spent = spent.plus(tried.usage) if spent else tried.usage
            problem = tried.problem
            if tried.value is not None:
                told = _told(spent, prompt, problems)
                settled = await self.world.settle(call, tried.value, told, everything)
                if settled.outcome:
                    return settled.outcome
                problem = settled.problem
            problems.append(problem)
            request = asked_again(request, tried.said, problem)
        failed = msgspec.structs.replace(_told(spent or Usage(), prompt, problems[:1]), problem=problems[-1])
        settled = await self.world.settle(call, None, failed, everything)
        assert settled.outcome is not None
        return settled.outcome

    async def close(self) -> None:
        """See the port."""
        await self.world.close()


def _told(usage: Usage, prompt: Prompt, problems: list[str]) -> Simulation:
    return Simulation(usage={**msgspec.to_builtins(usage), "prompt": prompt.digest}, repaired=problems[0] if problems else None)
