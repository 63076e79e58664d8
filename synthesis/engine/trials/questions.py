"""What a simulator of tools is shown during an episode: for a preview of its question, nothing is answered."""

from collections.abc import Callable, Sequence

from synthesis.engine.environments.episode_world import EpisodeWorld
from synthesis.engine.episode.ports import CallRecord
from synthesis.engine.episode.views import View
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.world.machine import Machine


def last_view(scenario: Scenario, machine: Callable[[str], Machine], past: Sequence[CallRecord], *, everything: bool) -> View | None:
    """The last call of ``past``, which holds those of both sides, that a simulator is asked for, as it sees it; ``everything``: also for
    tools that have programs. None where there is no such call. Raises StateMismatch for a log that cannot be repeated.
    """
    world, found = EpisodeWorld(scenario, machine), None
    for record in past:
        if record.requestor == "agent":
            found = world.view(record.call, everything) or found
        world.refold([record])
    return found
