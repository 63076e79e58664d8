"""Difficulty 1-5 of a scenario, computed from what makes it hard; later recalibrated from pass^k of models."""

from synthesis.engine.scenarios.draft import Draft
from synthesis.engine.scenarios.scenario import Wish

WEIGHT = {
    "plain": 0.0, "gradual": 0.4, "wrong_value": 0.8, "no_fitting_tool": 0.8, "forbidden": 1.0, "changed_mind": 1.2, "switched_topic": 0.6,
    "several_at_once": 1.0, "similar_tools": 0.6, "preference": 0.8, "ambiguous_record": 0.9, "faulty_tools": 1.0, "long_haul": 1.4,
}  # fmt: skip
"""Points that a variation adds: judged by how many extra decisions it asks of an agent."""


def difficulty(draft: Draft, variation: str, complexities: list[int]) -> int:
    """1 (one look-up, all told) to 5 (long, much hidden, easily mistaken)."""
    steps = sum(len(wish.steps) + (len(wish.change.steps) if wish.change else 0) for wish in draft.wishes)
    writes = sum(step.effect == "write" for wish in draft.wishes for step in wish.steps)
    hidden = sum(_hidden(wish) for wish in draft.wishes)
    points = 0.12 * steps + 0.25 * writes + 0.08 * hidden + 0.1 * len(draft.distractors) + 0.25 * max(complexities) + WEIGHT[variation]
    return max(1, min(5, round(0.6 + points)))


def _hidden(wish: Wish) -> int:
    return len(wish.withheld) + len(wish.hides) + (1 if wish.wrong else 0) + (2 if wish.choice else 0)
