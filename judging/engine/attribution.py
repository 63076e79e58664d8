"""Whose fault a failed episode is, by what mistake, and where it began."""

from collections.abc import Iterable

import msgspec

from judging.engine.checks.check import CheckResult, Party, Severity

PARTIES: tuple[Party, ...] = ("judge", "infrastructure", "tool", "scenario", "user", "agent")
"""Who is asked first: an agent cannot be blamed in a world that broke, nor for a user who left the script."""

_CONSEQUENCES: tuple[str, ...] = ("records_right", "ids_seen", "required_calls", "facts_told", "final_state", "refused", "call_order")
"""Checks that often only show what another mistake led to; the further to the right, the further from the cause."""

SEVERITIES: tuple[Severity, ...] = ("critical", "major", "minor")


class Failure(msgspec.Struct, frozen=True):
    """The first cause: who, what mistake (a tag), how bad, which check found it, its reason, and the first event where it went wrong
    (None: no single event).
    """

    party: Party
    tag: str
    severity: Severity
    check: str
    reason: str
    first_event: int | None


def failed(results: Iterable[CheckResult]) -> list[CheckResult]:
    """The broken checks that fail an episode: all but minor ones."""
    return [r for r in results if r.failed and r.severity != "minor"]


def attribute(results: Iterable[CheckResult]) -> Failure | None:
    """Name the failure of an episode, or None when no check that counts is broken.

    Parties come before each other as in ``PARTIES``; then checks that name a mistake before those that show a consequence; then the
    earlier event; then the worse one.
    """
    broken = failed(results)
    if not broken:
        return None
    first = min(broken, key=_rank)
    return Failure(first.party, first.tag, first.severity, first.id, first.reason, first.evidence[0] if first.evidence else None)


def _rank(result: CheckResult) -> tuple[int, int, float, int]:
    distance = _CONSEQUENCES.index(result.id) + 1 if result.id in _CONSEQUENCES else 0
    place = result.evidence[0] if result.evidence else float("inf")
    return PARTIES.index(result.party), distance, place, SEVERITIES.index(result.severity)
