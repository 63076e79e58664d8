"""The step lists that a perfect agent goes through to fulfil a wish."""

from typing import Any

from synthesis.engine.scenarios.scenario import Step, Wish


def phases(wish: Wish) -> list[tuple[list[Step], dict[str, Any], bool]]:
    """Step lists in order, each with its scope and whether its steps are required.

    Of a wish changed before its writes, the first version counts only up to its first write, and is not required: the agent may hear of
    the change before it looked anything up.
    """
    if wish.change is None:
        return [(wish.steps, wish.bindings, True)]
    changed = (wish.change.steps, wish.bindings | wish.change.bindings, True)
    if wish.change.when == "after":
        return [(wish.steps, wish.bindings, True), changed]
    first_write = next((i for i, step in enumerate(wish.steps) if step.effect == "write"), len(wish.steps))
    return [(wish.steps[:first_write], wish.bindings, False), changed]
