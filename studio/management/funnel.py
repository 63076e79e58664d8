"""The funnel of a run in words."""

from collections.abc import Iterator, Mapping
from typing import Any

STEPS = (
    ("planned", "planned"),
    ("generated", "generated"),
    ("played", "played"),
    ("checks_passed", "checks passed"),
    ("judged", "judged"),
    ("kept", "kept"),
)
MOST_REASONS = 12


def funnel_lines(funnel: Mapping[str, Any]) -> Iterator[str]:
    """A line for each step, and below it why episodes of the step before did not reach it, most frequent first."""
    before: int | None = None
    for step, name in STEPS:
        count = funnel.get(step)
        if count is None:
            continue
        yield f"  {name:<14}{count:>8,}"
        if before is not None and before > count:
            yield from _reasons(before - count, funnel.get("dropped", {}).get(step, {}))
        before = count


def _reasons(dropped: int, reasons: Mapping[str, int]) -> Iterator[str]:
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    for reason, count in ranked[:MOST_REASONS]:
        yield f"  {'':<14}{-count:>8,}  {reason}"
    rest = dropped - sum(count for _, count in ranked[:MOST_REASONS])
    if rest > 0:
        yield f"  {'':<14}{-rest:>8,}  other reasons"
