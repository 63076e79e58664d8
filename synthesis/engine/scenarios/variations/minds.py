"""A changed mind: the user wants another value, before the write or after it."""

from typing import Any, Literal

import msgspec

from synthesis.engine.packs.model import GoldCall
from synthesis.engine.scenarios.draft import Draft, Ground
from synthesis.engine.scenarios.gold import GoldRun, Performed, Unfit
from synthesis.engine.scenarios.scenario import Change, Wish
from synthesis.engine.scenarios.wishes import Bound, Outcome, bind, facts_of, perform, tells_of
from synthesis.engine.world.delta import Comparison


def changed_mind(ground: Ground) -> Draft:
    """Run both wishes; the latest one counts."""
    intent = ground.intent([i for i in ground.complete_intents() if i.changes])
    run = ground.run()
    bound = bind(ground.machine, run.state, intent, ground.rng)
    changed = _changed(bound)
    facts = {new.key: new.value for old, new in zip(bound.facts, changed.facts, strict=True) if old.value != new.value}
    if not facts:
        raise Unfit("the change changes no fact", intent.id)
    first = _complete(run, bound)
    alone = ground.run()
    _complete(alone, changed)
    if ground.rng.random() < 0.5:
        return _before(ground, first, changed, facts)
    return _after(ground, run, alone, first, changed, facts)


def _changed(bound: Bound) -> Bound:
    bindings = dict(bound.bindings)
    for name, other in bound.intent.changes.items():
        if bindings.get(other) is None:
            raise Unfit("nothing else to choose", f"{other} in {bound.intent.id}")
        bindings[name] = bound.bindings[other]
    return Bound(bound.intent, bindings, facts_of(bound.intent, bindings), bound.calls)


def _complete(run: GoldRun, bound: Bound) -> Outcome:
    outcome = perform(run, bound)
    if outcome.kind != "complete":
        raise Unfit("came out forbidden", bound.intent.id)
    return outcome


def _before(ground: Ground, first: Outcome, changed: Bound, facts: dict[str, Any]) -> Draft:
    """The user changes the wish at the proposal: only the reads of the first wish happen, then the second wish whole."""
    if not any(step.confirm for step in first.wish.steps):
        raise Unfit("there is no proposal at which to change", first.wish.intent)
    if any(step.side == "user" and step.effect == "write" for step in first.wish.steps):
        raise Unfit("the user may have done its part before the proposal", first.wish.intent)
    run = ground.run()
    run.state.caller = ground.pack.caller_key(changed.bindings)
    reads = _reads_before_first_write(first.performed)
    scope: dict[str, Any] = {}
    for performed in reads:
        _again(run, performed, scope)
    second = perform(run, changed)
    if second.kind != "complete":
        raise Unfit("came out forbidden", changed.intent.id)
    return Draft([_with_change(first.wish, "before", facts, changed, second)], run.state, run)


def _reads_before_first_write(performed: list[Performed]) -> list[Performed]:
    end = next((i for i, p in enumerate(performed) if p.step.effect == "write"), len(performed))
    return performed[:end]


def _again(run: GoldRun, performed: Performed, scope: dict[str, Any]) -> None:
    """Repeat a read of another run, so that ``known`` marks what need not be asked twice."""
    call = GoldCall(performed.step.tool, performed.args)
    run.perform([call], {}, scope, [])


def _after(ground: Ground, run: GoldRun, alone: GoldRun, first: Outcome, changed: Bound, facts: dict[str, Any]) -> Draft:
    """The user changes the wish when it is done: undo, then run the new one."""
    intent = changed.intent
    undone: list[Performed] = []
    if intent.undo:
        values = {**{fact.key: fact.value for fact in first.wish.facts}, **first.wish.bindings}
        undone = run.perform(intent.undo, values, first.scope, first.wish.facts)
        if any(p.step.error or p.broken for p in undone):
            raise Unfit("undo fails or breaks a rule", intent.id)
    second = perform(run, changed)
    if second.kind != "complete":
        raise Unfit("came out forbidden", intent.id)
    comparison = Comparison({ground.pack.slug: ground.pack}, ground.pack.slug)
    if not intent.undo and comparison.differences(alone.state.net_delta(), run.state.net_delta()):
        raise Unfit("the first wish leaves something behind and there is no undo", intent.id)
    return Draft([_with_change(first.wish, "after", facts, changed, second, undone)], run.state, run)


def _with_change(
    wish: Wish,
    when: Literal["before", "after"],
    facts: dict[str, Any],
    changed: Bound,
    second: Outcome,
    undone: list[Performed] | None = None,
) -> Wish:
    shift = len(undone or [])
    later = [msgspec.structs.replace(p.step, after=[*range(shift), *(i + shift for i in p.step.after)]) for p in second.performed]
    change = Change(
        when=when,
        facts=facts,
        bindings=changed.bindings,
        steps=[*(p.step for p in undone or []), *later],
        tells=tells_of(changed.intent, changed.values(), second.scope),
    )
    return msgspec.structs.replace(wish, change=change)
