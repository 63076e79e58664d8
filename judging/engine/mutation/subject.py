"""What is damaged: a passing trajectory with all that it takes to play or perform it again."""

from collections.abc import Sequence

import msgspec

from synthesis.engine.episode.events import Event
from synthesis.engine.participants.cast import Cast
from synthesis.engine.scenarios.scenario import Scenario


class Subject(msgspec.Struct, frozen=True):
    """A passing trajectory. ``episode`` is its key in the caller's store, ``seed`` what its scripted seats played with."""

    episode: int
    scenario: Scenario
    cast: Cast
    seed: int
    events: Sequence[Event]

    @property
    def scripted(self) -> bool:
        """Whether both seats were programs from its first event on, so that it can be played again with another agent."""
        forked = any(event.kind == "note" and event.payload.get("what") == "fork" for event in self.events)
        return not forked and all(self.cast.seats.get(seat, "scripted") == "scripted" for seat in ("user", "agent"))

    @property
    def runs_again(self) -> bool:
        """Whether its calls can be executed again: not where a model answered them."""
        return self.cast.seats.get("tools", "scripted") == "scripted"
