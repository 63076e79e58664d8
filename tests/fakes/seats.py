"""Deterministic seats that know the gold path: enough to play any scenario to its end without wordings."""

import asyncio
from typing import Any

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.seats import AgentMove, UserMove
from synthesis.engine.packs.holes import MissingValue, resolve
from synthesis.engine.tools import ToolCall
from synthesis.services.claims import Claim


class GoldUser:
    """Says what it wants and leaves when the agent has spoken."""

    def __init__(self, claim: Claim) -> None:
        self.claim, self.heard = claim, 0

    def observe(self, event: Event) -> None:
        """Count what the agent says."""
        if event.kind == "message" and event.payload["role"] == "agent" and not event.payload.get("tool_calls"):
            self.heard += 1

    async def act(self) -> UserMove:
        """Open, later leave."""
        if not self.heard:
            return UserMove(f"{self.claim.scenario.wishes[0].wants['en']} ({self.claim.seed})")
        return UserMove("Thanks, bye.", done=True, feedback={"satisfied": True, "rating": 5, "words": "fine"})


class GoldAgent:
    """Makes the gold calls of every wish one after the other, then reports. ``seconds`` slows every move down."""

    def __init__(self, claim: Claim, seconds: float = 0.0) -> None:
        self.claim, self.seconds = claim, seconds
        self.steps = [step for wish in claim.scenario.wishes for step in wish.steps if not step.known]
        self.scope: dict[str, Any] = {}
        self.made = 0

    def observe(self, event: Event) -> None:
        """Keep results under their step's name."""
        if event.kind == "tool_result":
            step = self.steps[self.made]
            self.made += 1
            if step.name and "result" in event.payload:
                self.scope[step.name] = event.payload["result"]

    async def act(self) -> AgentMove:
        """The next gold call, or the report."""
        await asyncio.sleep(self.seconds)
        while self.made < len(self.steps):
            step = self.steps[self.made]
            try:
                arguments = resolve(step.args, self.scope)
            except MissingValue:
                self.made = len(self.steps)
                break
            slip = {"kind": self.claim.slip, "note": "as planned"} if self.claim.slip and self.made == 0 else None
            return AgentMove(calls=[ToolCall(f"call_{self.made + 1:04d}", step.tool, arguments)], slip=slip)
        return AgentMove("Done.")


class GoldSeats:
    """Both seats."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def user(self, claim: Claim) -> GoldUser:
        """The user."""
        return GoldUser(claim)

    def team(self, claim: Claim) -> None:
        """One agent alone."""

    def simulator(self, claim: Claim) -> None:
        """Programs alone."""

    def agent(self, claim: Claim) -> GoldAgent:
        """The agent."""
        return GoldAgent(claim, self.seconds)
