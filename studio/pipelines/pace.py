"""Scripted seats that take their time, so that people can watch: run option ``pace``, seconds before every move.

A pace changes when things happen and nothing else: the same seed gives the same log.
"""

import asyncio

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.seats import Agent, AgentMove, User, UserMove

SLOWEST = 20.0
"""Seconds; a step must be over well before a lease is."""


class PacedUser:
    """A user who waits ``seconds`` before every move."""

    def __init__(self, user: User, seconds: float) -> None:
        self.user, self.seconds = user, seconds

    def observe(self, event: Event) -> None:
        """Fold one event."""
        self.user.observe(event)

    async def act(self) -> UserMove:
        """The user's move, after a while."""
        await asyncio.sleep(self.seconds)
        return await self.user.act()


class PacedAgent:
    """An agent that waits ``seconds`` before every move."""

    def __init__(self, agent: Agent, seconds: float) -> None:
        self.agent, self.seconds = agent, seconds

    def observe(self, event: Event) -> None:
        """Fold one event."""
        self.agent.observe(event)

    async def act(self) -> AgentMove:
        """The agent's move, after a while."""
        await asyncio.sleep(self.seconds)
        return await self.agent.act()
