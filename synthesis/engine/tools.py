"""Tool calls and what comes back, as everybody in the engine passes them on."""

from typing import Any

import msgspec


class ToolCall(msgspec.Struct, frozen=True):
    """A call as the agent made it. ``name`` is an offered tool's name (or not, if the agent invented one)."""

    id: str
    name: str
    arguments: dict[str, Any]


class ToolError(msgspec.Struct, frozen=True):
    """An error result. Codes are the tool's declared ones, or ``invalid_arguments``, ``unknown_tool``, ``internal_error`` or a fault's."""

    code: str
    message: str


class ToolOutcome(msgspec.Struct, frozen=True):
    """What the environment did with a call.

    ``delta`` lists ``{table, key, before, after}`` of the rows this call changed; ``fault`` is ``{kind, took_place}`` when one was
    injected;
    ``digest`` is the state digest after the call.
    """

    result: Any = None
    error: ToolError | None = None
    delta: list[dict[str, Any]] = []
    fault: dict[str, Any] | None = None
    digest: str = ""

    @property
    def ok(self) -> bool:
        """Whether the call succeeded as far as the caller can see."""
        return self.error is None
