"""Does a scenario tell a good play from a bad one? Proven by running bad plays and checking that they fail.

Negative controls: doing nothing; leaving out each write; a write on a wrong record, preferably one on which the call succeeds. Positive
control: independent steps swapped.
What does not discriminate is quarantined with its reason. (Half of the tasks of one published benchmark accept doing nothing.)
"""

import re
from collections.abc import Sequence
from typing import Any

from synthesis.engine.scenarios.draft import Draft, Ground
from synthesis.engine.scenarios.gold import Performed, Unfit, again
from synthesis.engine.scenarios.scenario import Wish
from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.delta import Comparison
from synthesis.engine.world.machine import LoggedCall

WRONG_RECORDS = 4
"""Wrong keys tried per write at most; one that succeeds is enough."""


def require_discrimination(ground: Ground, draft: Draft) -> None:
    """Run all controls. Raises Unfit with the control that failed."""
    expected = draft.final.net_delta()
    if any(wish.refusal for wish in draft.wishes):
        if expected:
            raise Unfit("quarantined: a refusal that changes something")
        return
    ground.caller = draft.final.caller
    comparison = Comparison({ground.pack.slug: ground.pack}, ground.pack.slug)
    _doing_nothing(draft, expected)
    performed = draft.run.performed
    counted = _counted(draft)
    for i, step in enumerate(performed):
        if i >= counted and step.step.effect == "write" and step.delta:
            _without(ground, comparison, performed, i, expected)
            _wrong_record(ground, comparison, performed, i, expected)
    if len(draft.wishes) == 1 and draft.wishes[0].change is None:
        _swapped(ground, comparison, performed, expected)


def _counted(draft: Draft) -> int:
    """From which performed step on writes must matter: after a changed mind the first wish may leave no trace."""
    change = draft.wishes[0].change
    return len(draft.run.performed) - len(change.steps) if change else 0


def _doing_nothing(draft: Draft, expected: list[RowChange]) -> None:
    if expected:
        return
    if not any(_new_to_user(wish) for wish in draft.wishes):
        raise Unfit("quarantined: doing nothing passes", draft.wishes[0].intent)


def _new_to_user(wish: Wish) -> bool:
    """Whether the agent must tell something the user did not say."""
    known = {str(fact.value) for fact in wish.facts}
    wants = " ".join(wish.wants.values())
    return any(str(t.value) not in known and not re.search(rf"(?<!\w){re.escape(str(t.value))}(?!\w)", wants) for t in wish.tells)


def _replay(ground: Ground, performed: Sequence[Performed]) -> tuple[list[RowChange], bool, bool]:
    """The net delta of these steps in a fresh state, whether all succeeded, and whether a check broke."""
    state, log, ok, broke = ground.state(), list[LoggedCall](), True, False
    for step in performed:
        tool, args = step.step.tool, step.args
        broke = broke or bool(ground.machine.broken(state, tool, args, log))
        result = again(ground.machine, state, step)
        error = result.error.code if result.error else None
        log.append(LoggedCall(tool, args, result.ok, result.result, error, step.step.side))
        ok = ok and result.ok
    return state.net_delta(), ok, broke


def _calls(performed: Sequence[Performed]) -> list[tuple[str, dict[str, Any]]]:
    return [(p.step.tool, p.args) for p in performed if not (p.step.known and p.step.effect == "read")]


def _state_only(ground: Ground, calls: Sequence[tuple[str, dict[str, Any]]], watch: int = -1) -> tuple[list[RowChange], bool]:
    """The net delta alone, and whether call ``watch`` succeeded: policy checks are not asked, which a negative control does not need."""
    state, succeeded = ground.state(), False
    for i, (tool, args) in enumerate(calls):
        if ground.pack.tools[tool].effect == "write":
            result = ground.machine.call(state, tool, args)
            succeeded = succeeded or (i == watch and result.ok)
    return state.net_delta(), succeeded


def _without(ground: Ground, comparison: Comparison, performed: Sequence[Performed], i: int, expected: list[RowChange]) -> None:
    rest = [p for j, p in enumerate(performed) if j != i]
    if not comparison.differences(expected, _state_only(ground, _calls(rest))[0]):
        raise Unfit("quarantined: leaving out a write passes", performed[i].step.tool)


def _wrong_record(ground: Ground, comparison: Comparison, performed: Sequence[Performed], i: int, expected: list[RowChange]) -> None:
    """Aim the write at other records, until one of them lets the call succeed; the outcome must differ."""
    tool = ground.pack.tools[performed[i].step.tool]
    for name, table in tool.refs().items():
        right = performed[i].args.get(name)
        keys = [key for key in ground.world.tables[table] if key != right]
        if not isinstance(right, str) or not keys:
            continue
        for key in ground.rng.sample(keys, min(WRONG_RECORDS, len(keys))):
            calls = [(p.step.tool, {**p.args, name: key} if j == i else p.args) for j, p in enumerate(performed)]
            delta, succeeded = _state_only(ground, calls, i)
            if not comparison.differences(expected, delta):
                raise Unfit("quarantined: a write on a wrong record passes", f"{tool.name}.{name}")
            if succeeded:
                break
        return


def _swapped(ground: Ground, comparison: Comparison, performed: Sequence[Performed], expected: list[RowChange]) -> None:
    """Neighbours that share nothing may come in the other order: prove it on the first such pair."""
    for i in range(len(performed) - 1):
        a, b = performed[i], performed[i + 1]
        if i in b.step.after or a.step.known or b.step.known or (a.step.effect, b.step.effect) == ("read", "read"):
            continue
        order = [*performed[:i], b, a, *performed[i + 2 :]]
        delta, ok, broke = _replay(ground, order)
        if not ok or broke or comparison.differences(expected, delta):
            raise Unfit("quarantined: steps that share no data cannot be swapped", f"{a.step.tool} and {b.step.tool}")
        return
