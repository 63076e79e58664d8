"""Paced seats wait, and change nothing else."""

import asyncio
from time import monotonic
from typing import Any

from studio.pipelines.pace import PacedAgent, PacedUser
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.seats import AgentMove, UserMove


class Seat:
    def __init__(self, move: Any) -> None:
        self.move, self.seen = move, list[Event]()

    def observe(self, event: Event) -> None:
        self.seen.append(event)

    async def act(self) -> Any:
        return self.move


def test_a_move_comes_after_the_pace_and_is_the_same() -> None:
    user, agent = Seat(UserMove("hello")), Seat(AgentMove("yes"))
    event = Event(0, "note", 0, "n", {})
    for paced, seat in ((PacedUser(user, 0.05), user), (PacedAgent(agent, 0.05), agent)):
        paced.observe(event)
        began = monotonic()
        assert asyncio.run(paced.act()) == seat.move
        assert monotonic() - began >= 0.05
        assert seat.seen == [event]
