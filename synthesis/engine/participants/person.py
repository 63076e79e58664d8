"""A seat that somebody plays by hand: nobody is waited for here. The move comes into the log from outside; the episode goes on from it."""

from typing import NoReturn

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.seats import Parked

PERSON = "person"
"""What a cast's ``seats`` say of such a seat."""


class AbsentPerson:
    """Either seat."""

    def observe(self, event: Event) -> None:
        """Whoever plays reads the transcript."""

    async def act(self) -> NoReturn:
        """Park the episode."""
        raise Parked
