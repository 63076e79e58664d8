"""Fault kinds, and what a struck call looks like to the agent.

Read faults leave state alone and are all visible: an error, or a result marked as partial, stale or cut. Write faults say whether the
write took place. A fault strikes the n-th
call of a tool; repeating the call gets past it (design page participants.md).
"""

from typing import Any

import msgspec

from synthesis.engine.faults.planned import PlannedFault
from synthesis.engine.tools import ToolError, ToolOutcome

READ_FAULTS: tuple[str, ...] = (
    "timeout",
    "rate_limited",
    "server_error",
    "permission_denied",
    "malformed_result",
    "partial_result",
    "stale_read",
)
WRITE_FAULTS: tuple[str, ...] = ("timeout", "rate_limited", "server_error", "permission_denied")

_MESSAGES = {
    "timeout": ("timeout", "The service did not answer in time. Nothing was changed; try again."),
    "rate_limited": ("rate_limited", "Too many requests. Nothing was done; try again shortly."),
    "server_error": ("server_error", "The service failed with an internal error before doing anything. Try again."),
    "permission_denied": (
        "temporarily_denied",
        "Access was refused for the moment while permissions are refreshed. Nothing was done; try again.",
    ),
}
TOOK_PLACE = ("timeout", "The change was made, but its confirmation was lost on the way back. Do not repeat it.")

FAULT_CODES: frozenset[str] = frozenset({"timeout", "rate_limited", "server_error", "temporarily_denied"})
"""Error codes that faults give."""

MARKS: frozenset[str] = frozenset({"partial", "stale", "malformed"})
"""Keys that are true in a result that a read fault spoilt."""


class FaultPlan:
    """The faults of one episode: ``strike`` is asked before every call and counts calls by tool."""

    def __init__(self, faults: list[PlannedFault]) -> None:
        self._faults = {(fault.tool, fault.nth): fault for fault in faults}
        self._counts: dict[str, int] = {}

    def strike(self, tool: str) -> PlannedFault | None:
        """The fault that strikes the next call of ``tool``, or None."""
        fault = self.ahead(tool)
        self._counts[tool] = self._counts.get(tool, 0) + 1
        return fault

    def ahead(self, tool: str) -> PlannedFault | None:
        """The fault that will strike the next call of ``tool``, which is not counted yet, or None."""
        return self._faults.get((tool, self._counts.get(tool, 0)))


def executes(fault: PlannedFault | None, effect: str) -> bool:
    """Whether the tool's program runs at all under ``fault``."""
    if fault is None or fault.took_place:
        return True
    return effect == "read" and fault.kind in {"malformed_result", "partial_result", "stale_read"}


def spoil(fault: PlannedFault, outcome: ToolOutcome) -> ToolOutcome:
    """``outcome`` as the agent sees it under ``fault``; a failed call stays as it is."""
    mark = {"kind": fault.kind, "took_place": fault.took_place}
    if outcome.error and executes(fault, "read"):
        return msgspec.structs.replace(outcome, fault=mark)
    if fault.kind in _MESSAGES:
        code, message = TOOK_PLACE if fault.took_place else _MESSAGES[fault.kind]
        return msgspec.structs.replace(outcome, result=None, error=ToolError(code, message), fault=mark)
    return msgspec.structs.replace(outcome, result=_spoilt(fault.kind, outcome.result), fault=mark)


def _spoilt(kind: str, result: Any) -> Any:
    if kind == "partial_result":
        if isinstance(result, list):
            return {"partial": True, "returned": len(result) // 2, "total": len(result), "items": result[: len(result) // 2]}
        kept = list(result.items())[: len(result) // 2] if isinstance(result, dict) else []
        return {"partial": True, "fields": dict(kept)}
    if kind == "stale_read":
        return {"stale": True, "warning": "Read from a replica that is behind; values may be out of date. Read again."}
    text = msgspec.json.encode(result).decode()
    return {"malformed": True, "raw": text[: max(1, len(text) * 2 // 5)]}


def is_spoilt(result: Any) -> bool:
    """Whether a result carries a mark of a read fault."""
    return isinstance(result, dict) and any(result.get(mark) is True for mark in MARKS)
