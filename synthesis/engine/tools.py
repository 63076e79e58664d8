"""Tool calls and what comes back, as everybody in the engine passes them on."""

from typing import Any, Literal

import msgspec


class ToolCall(msgspec.Struct, frozen=True):
    """A call as the agent, or the user on its own side, made it.
    ``name`` is an offered tool's name (or not, if the agent invented one)."""

    id: str
    name: str
    arguments: dict[str, Any]


Requestor = Literal["agent", "user"]
"""Who made a call."""


class ToolError(msgspec.Struct, frozen=True):
    """An error result. Codes are the tool's declared ones, or ``invalid_arguments``, ``unknown_tool``, ``wrong_side``
    (it is the other side's), ``internal_error`` or a fault's."""

    code: str
    message: str


class Simulation(msgspec.Struct, frozen=True):
    """What a log keeps of a simulator beside its answer. ``notes`` is what the answer established; ``usage`` what all its tries took, with
    the digest of the prompt; ``repaired`` the problem of a first answer that could not be used; ``problem`` that of the last one, where
    the call failed for it."""

    notes: list[str] = []
    usage: dict[str, Any] = {}
    repaired: str | None = None
    problem: str | None = None


class ToolOutcome(msgspec.Struct, frozen=True):
    """What the environment did with a call.

    ``delta`` lists ``{table, key, before, after}`` of the rows this call changed; ``fault`` is ``{kind, took_place}`` when one was
    injected;
    ``digest`` is the state digest after the call; ``simulation`` is there when a model answered instead of a program. ``handoff`` is there
    when the team answered instead of the world: ``{from, to, reason}`` of a transfer (refused, where there is an error), or
    ``{from, held_by}`` of a call whose tool is a colleague's.
    """

    result: Any = None
    error: ToolError | None = None
    delta: list[dict[str, Any]] = []
    fault: dict[str, Any] | None = None
    digest: str = ""
    simulation: Simulation | None = None
    handoff: dict[str, Any] | None = None

    @property
    def ok(self) -> bool:
        """Whether the call succeeded as far as the caller can see."""
        return self.error is None
