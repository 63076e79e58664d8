"""What stands between a client and the wire and is shared by all workers: rate limits and budgets. A port."""

from typing import Protocol

import msgspec

from synthesis.engine.chat.model import Usage


class Ticket(msgspec.Struct, frozen=True):
    """Leave to ask once. ``cost`` is what was set aside of the budget, in millionths."""

    id: str
    tokens: int
    cost: int


class Barrier(msgspec.Struct, frozen=True):
    """Whether an endpoint that has failed somebody may be asked: after ``wait`` seconds, 0 now. ``closed``: it has failed nobody lately;
    ``probe``: whoever asks now is the only one of all workers to do so; ``busy``: somebody else is finding out, so look again in a moment.
    """

    wait: float = 0.0
    closed: bool = False
    probe: bool = False
    busy: bool = False


class Gate(Protocol):
    """Reserve, then settle: asking first and counting afterwards would let many workers overspend together."""

    async def reserve(self, tokens: int, cost: int) -> Ticket:
        """Set ``tokens`` and ``cost`` aside, counted from above. Raises Parked when there is room only later (``seconds`` says when),
        NoBudget when the budget has no room for it.
        """

    async def settle(self, ticket: Ticket, usage: Usage | None) -> None:
        """Give back what was not used; None: the call was not answered and took nothing. Of one that was called off ``usage`` is what was
        set aside: it may have been answered and billed.
        """

    async def barrier(self, *, fresh: bool) -> Barrier:
        """Asked before a call by whoever something has failed, or who knows nothing yet (``fresh``)."""

    async def failed(self, *, probe: bool) -> float:
        """The endpoint did not answer; seconds for which nobody should ask."""

    async def succeeded(self) -> None:
        """The endpoint answered somebody whom it had failed, or who knew nothing."""

    async def released(self) -> None:
        """The probe was called off."""


class OpenGate:
    """No limits, no budget, and nobody else who might know."""

    async def barrier(self, *, fresh: bool) -> Barrier:
        """Nobody else has failed."""
        return Barrier()

    async def failed(self, *, probe: bool) -> float:
        """Nobody else is told."""
        return 0.0

    async def succeeded(self) -> None:
        """Nobody else is told."""

    async def released(self) -> None:
        """Nobody else is told."""

    async def reserve(self, tokens: int, cost: int) -> Ticket:
        """Always at once."""
        return Ticket("", tokens, cost)

    async def settle(self, ticket: Ticket, usage: Usage | None) -> None:
        """Nothing to settle."""
