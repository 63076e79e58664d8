"""What stands between a client and the wire and is shared by all workers: rate limits and budgets. A port."""

from typing import Protocol

import msgspec

from synthesis.engine.chat.model import Usage


class Ticket(msgspec.Struct, frozen=True):
    """Leave to ask once. ``cost`` is what was set aside of the budget, in millionths."""

    id: str
    tokens: int
    cost: int


class Gate(Protocol):
    """Reserve, then settle: asking first and counting afterwards would let many workers overspend together."""

    async def reserve(self, tokens: int, cost: int) -> Ticket:
        """Set ``tokens`` and ``cost`` aside, counted from above. Raises Parked when there is room only later (``seconds`` says when),
        NoBudget when the budget has no room for it.
        """

    async def settle(self, ticket: Ticket, usage: Usage | None) -> None:
        """Give back what was not used; None: the call was not answered and took nothing."""


class OpenGate:
    """No limits, no budget."""

    async def reserve(self, tokens: int, cost: int) -> Ticket:
        """Always at once."""
        return Ticket("", tokens, cost)

    async def settle(self, ticket: Ticket, usage: Usage | None) -> None:
        """Nothing to settle."""
