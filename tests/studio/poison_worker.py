"""A worker process in which one step of one episode is deadly: ``python -m tests.studio.poison_worker RUN INDEX``."""

import os
import signal
import sys
from threading import Event

import django

django.setup()

from studio.pipelines.run_stage import RunStage  # noqa: E402 - settings first
from studio.pipelines.simulate import bury_the_dead, play_run  # noqa: E402
from synthesis.engine.episode.seats import AgentMove  # noqa: E402
from synthesis.models import Run  # noqa: E402
from synthesis.services.claims import Claim  # noqa: E402
from tests.fakes.seats import GoldAgent, GoldUser  # noqa: E402


class DeadlyAgent(GoldAgent):
    """Kills its process instead of making its second move."""

    async def act(self) -> AgentMove:
        """Move, or die."""
        if self.made:
            os.kill(os.getpid(), signal.SIGKILL)
        return await super().act()


class DeadlySeats:
    """Gold seats, except in one episode."""

    def __init__(self, index: int) -> None:
        self.index = index

    def user(self, claim: Claim) -> GoldUser:
        """The user."""
        return GoldUser(claim)

    def agent(self, claim: Claim) -> GoldAgent:
        """The agent."""
        return DeadlyAgent(claim) if claim.index == self.index else GoldAgent(claim)

    def team(self, claim: Claim) -> None:
        """One agent alone."""

    def simulator(self, claim: Claim) -> None:
        """Programs alone."""


def main() -> None:
    """Play the run as a worker does."""

    def stage_for(run: Run) -> RunStage:
        stage = RunStage(run)
        stage.seats = DeadlySeats(int(sys.argv[2]))
        return stage

    bury_the_dead()
    play_run(run_id=int(sys.argv[1]), stop=Event(), stage_for=stage_for)


if __name__ == "__main__":
    main()
