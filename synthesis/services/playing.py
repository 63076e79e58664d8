"""Playing one claimed episode: seats, environment and log put together for the engine's loop."""

from collections.abc import Callable
from time import monotonic
from typing import Any, Protocol

import msgspec

from synthesis.engine.environments.simulated import SimulatedTools, Simulator
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import Outcome, play
from synthesis.engine.episode.ports import Environment, Handovers, Limits, Worlds
from synthesis.engine.episode.seats import Agent, AgentMove, User
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from synthesis.engine.participants.team import transfer_names
from synthesis.services.claims import Claim
from synthesis.services.event_writer import Appender, EpisodeLog


class Seats(Protocol):
    """Who sits where: makes the participants of a claimed episode."""

    def user(self, claim: Claim) -> User:
        """The user's seat."""

    def agent(self, claim: Claim) -> Agent:
        """The agent's seat; the only one that is told of a planned slip."""

    def team(self, claim: Claim) -> Handovers | None:
        """Who of a team has the conversation; None where the agent is alone."""

    def simulator(self, claim: Claim) -> Simulator | None:
        """The tools' seat: who answers simulated tools, or None where programs are all there is."""


class Played(msgspec.Struct, frozen=True):
    """An episode that has come to its end: its whole log and how it ended."""

    claim: Claim
    events: list[Event]
    outcome: Outcome


class TruthfulAgent:
    """An agent whose slips are noted aside, so that the log can store them in the transaction of the very move that made them."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.slip: dict[str, Any] | None = None

    def observe(self, event: Event) -> None:
        """Fold one event."""
        self.agent.observe(event)

    async def act(self) -> AgentMove:
        """The agent's move."""
        move = await self.agent.act()
        self.slip = move.slip or self.slip
        return move

    def take_slip(self) -> str | None:
        """The slip noted since the last call, as JSON text."""
        slip, self.slip = self.slip, None
        return msgspec.json.encode(slip).decode() if slip else None


async def play_claim(
    claim: Claim, *, worlds: Worlds, seats: Seats, writer: Appender, limits: Limits, clock: Callable[[], float] = monotonic
) -> Played:
    """Play ``claim`` to its end, from its log if it has one.

    Raises LostEpisode when it was taken from us, StateMismatch when the refolded state is not the one of the log; whatever a seat raises
    passes through.
    """
    world = await worlds.open(claim.scenario, call_records(read_trajectory(claim.past)))
    environment: Environment = world
    try:
        if simulator := seats.simulator(claim):
            environment = SimulatedTools(world, simulator)
        agent = TruthfulAgent(seats.agent(claim))
        log = EpisodeLog(writer, claim.id, claim.epoch, agent.take_slip)
        outcome = await play(
            user=seats.user(claim),
            agent=agent,
            environment=environment,
            log=log,
            limits=limits,
            clock=clock,
            opening=opening(claim, environment, limits),
            past=claim.past,
            team=seats.team(claim),
        )
    finally:
        await environment.close()
    return Played(claim, [*claim.past, *log.events], outcome)


def opening(claim: Claim, environment: Environment, limits: Limits) -> dict[str, Any]:
    """The payload of ``episode_started``. It holds nothing that depends on the database, on time or on the planned slip."""
    scenario = claim.scenario
    return {
        "domain": scenario.domain,
        "variation": scenario.variation,
        "release": scenario.worlds[0].release,
        "scenario": scenario.digest,
        "cast": msgspec.to_builtins(claim.cast),
        "seeds": {"world": scenario.worlds[0].seed, "episode": claim.seed},
        **({"user_tools": [tool.name for tool in scenario.user_tools]} if scenario.user_tools else {}),
        "tools": [*(tool.name for tool in scenario.tools), *transfer_names(claim.cast, scenario)],
        "limits": msgspec.to_builtins(limits),
        "digest": environment.digest,
    }
