"""What is known of the episode that a question is about."""

from functools import cache
from typing import NamedTuple

from judging.engine.judges.programmatic import Judged
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.cast import Cast
from synthesis.engine.participants.wording import Wording, starter_wording
from synthesis.engine.scenarios.scenario import Scenario


class Play(NamedTuple):
    """An episode: ``packs`` by slug; ``checked`` is what the checks say of its log, for the judge alone."""

    episode: int
    scenario: Scenario
    cast: Cast
    packs: dict[str, Pack]
    seed: int
    checked: Judged | None = None


@cache
def wording() -> Wording:
    """The words of the scripted seats."""
    return starter_wording()
