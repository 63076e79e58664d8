"""From an intent to a bound wish: bind in a state, run the gold, and classify what came out."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from synthesis.engine.packs import holes
from synthesis.engine.packs.model import GoldCall, Intent, Pack
from synthesis.engine.packs.references import broken_rule
from synthesis.engine.scenarios.gold import GoldRun, Performed, Unfit, unseen
from synthesis.engine.scenarios.scenario import Fact, Refusal, Tell, Wish
from synthesis.engine.world.machine import Machine
from synthesis.engine.world.state import State

BIND_TRIES = 10
"""Draws of a bind before its intent counts as not applicable in a world."""


class Bound(msgspec.Struct):
    """An intent bound to records."""

    intent: Intent
    bindings: dict[str, Any]
    facts: list[Fact]
    calls: list[GoldCall]
    hides: list[str] = []

    def values(self) -> dict[str, Any]:
        """What templates may name: facts by key, and bound values."""
        return {**{fact.key: fact.value for fact in self.facts}, **self.bindings}


def bind(
    machine: Machine, state: State, intent: Intent, rng: random.Random, given: Mapping[str, Any] | None = None, preference: bool = False
) -> Bound:
    """Bind ``intent`` in ``state``. Raises Unfit after BIND_TRIES draws that gave None."""
    given = given or {"caller": None, "earlier": []}
    for _ in range(BIND_TRIES):
        bindings = machine.bind(state, intent.id, given, rng, preference)
        if bindings is not None:
            break
    else:
        raise Unfit("nothing to bind", intent.id)
    key = machine.pack.tables[machine.pack.caller.table].key
    caller = given.get("caller")
    if caller and bindings[machine.pack.caller.name].get(key) != caller.get(key):
        raise Unfit("bind ignored the caller", intent.id)
    choice = intent.preference if preference else None
    calls = choice.gold if choice and choice.gold is not None else intent.gold
    return Bound(intent, bindings, facts_of(intent, bindings), list(calls), list(choice.hides) if choice else [])


def facts_of(intent: Intent, bindings: Mapping[str, Any]) -> list[Fact]:
    """The facts the user knows, with values filled in. Raises Unfit for an unbound hole."""
    facts = []
    for key, knowledge in intent.knows.items():
        try:
            value = holes.resolve(knowledge.value, bindings)
        except holes.MissingValue as missing:
            raise Unfit("a fact names a value that is not bound", f"{{{missing.args[0]}}} in knows.{key} of {intent.id}") from None
        said = worded(knowledge.said, bindings, f"knows.{key}.said of {intent.id}")
        facts.append(Fact(key, value, knowledge.kind, knowledge.label, knowledge.asked_as, said))
    return facts


def worded(templates: Mapping[str, str], bindings: Mapping[str, Any], intent: str) -> dict[str, str]:
    """Raw texts of templates by language. Raises Unfit for an unbound hole."""
    try:
        return {language: str(holes.resolve(_plain(text), bindings)).strip() for language, text in templates.items()}
    except holes.MissingValue as missing:
        raise Unfit("wants names a value that is not bound", f"{{{missing.args[0]}}} in {intent}") from None


def _plain(template: str) -> str:
    """``template`` with a space added when it is one single hole, so that it comes out as text."""
    return template if holes.single_hole(template) is None else f"{template} "


def tells_of(intent: Intent, bindings: Mapping[str, Any], scope: Mapping[str, Any]) -> list[Tell]:
    """What must be reported, with the values of this run. Raises Unfit for an unbound hole."""
    tells = []
    for telling in intent.tells:
        try:
            value = holes.resolve(telling.fact, {**bindings, **scope})
        except holes.MissingValue as missing:
            raise Unfit("tells names a value that is not bound", f"{{{missing.args[0]}}} in {intent.id}") from None
        tells.append(Tell(telling.fact, value, telling.kind))
    return tells


class Outcome(msgspec.Struct):
    """A wish as execution classified it: ``kind`` is ``complete`` or ``forbidden``."""

    kind: str
    wish: Wish
    performed: list[Performed]
    scope: dict[str, Any]


def perform(run: GoldRun, bound: Bound) -> Outcome:
    """Run the gold of ``bound`` and classify. Raises Unfit when gold fails or breaks what no refusal covers."""
    pack, intent = run.machine.pack, bound.intent
    run.state.caller = pack.caller_key(bound.bindings)
    before = run.state.copy()
    earlier = list(run.performed)
    scope: dict[str, Any] = {}
    performed = run.perform(bound.calls, bound.values(), scope, [fact for fact in bound.facts if fact.key not in bound.hides])
    _require_seen(pack, earlier, performed, bound)
    if intent.expect == "refuse":
        return _refused(pack, bound, performed, scope)
    first_broken = next((i for i, p in enumerate(performed) if p.broken), None)
    if first_broken is not None:
        return _forbidden(run, before, bound, performed, first_broken)
    if performed and performed[-1].step.error:
        raise Unfit("gold fails", f"{performed[-1].step.tool} gave {performed[-1].step.error} in {intent.id}")
    tells = tells_of(intent, bound.values(), scope)
    return Outcome("complete", _wish(bound, performed, tells), performed, scope)


def _require_seen(pack: Pack, earlier: Sequence[Performed], performed: Sequence[Performed], bound: Bound) -> None:
    hidden = unseen([*earlier, *performed], pack, bound.facts)
    if hidden and any(p.step.tool == hidden.split(".")[0] for p in performed):
        raise Unfit("gold uses an id nobody has seen", f"{hidden} in {bound.intent.id}")


def _wish(bound: Bound, performed: Sequence[Performed], tells: list[Tell], refusal: Refusal | None = None) -> Wish:
    return Wish(
        intent=bound.intent.id,
        bindings=bound.bindings,
        wants=worded(bound.intent.wants, bound.values(), bound.intent.id),
        facts=bound.facts,
        steps=[p.step for p in performed],
        tells=tells,
        hides=bound.hides,
        refusal=refusal,
    )


def _refused(pack: Pack, bound: Bound, performed: list[Performed], scope: dict[str, Any]) -> Outcome:
    if any(p.broken or p.step.error or p.step.effect == "write" for p in performed):
        raise Unfit("the reads before a refusal fail, break a rule or write", bound.intent.id)
    rule = broken_rule(pack, bound.intent)
    refusal = Refusal("policy", rule, pack.policy[rule].check if rule is not None else None)
    return Outcome("forbidden", _wish(bound, performed, [], refusal), performed, scope)


def _forbidden(run: GoldRun, before: State, bound: Bound, performed: list[Performed], at: int) -> Outcome:
    """A wish whose call ``at`` breaks exactly one refusable check: keep what comes before it, with nothing changed."""
    pack = run.machine.pack
    broken = {b.check for b in performed[at].broken}
    check = next(iter(broken))
    if len(broken) > 1 or not pack.refusable(check):
        raise Unfit(
            "gold breaks a rule that no refusal covers",
            f"{', '.join(sorted(broken))} in {bound.intent.id}: {performed[at].broken[0].reason}",
        )
    if any(p.step.error or p.delta for p in performed[:at]) or performed[at].step.effect == "read":
        raise Unfit("gold changes something before the forbidden call", bound.intent.id)
    run.state.overlay, run.state.counters = before.overlay, before.counters
    refusal = Refusal("policy", pack.rule_broken_by(check), check, blocked_tool=performed[at].step.tool)
    wish = _wish(bound, performed[:at], [], refusal)
    # What the forbidden write would need must be known before it can be refused.
    if wish.steps:
        needs = list(dict.fromkeys([*wish.steps[-1].needs, *performed[at].step.needs]))
        wish = msgspec.structs.replace(wish, steps=[*wish.steps[:-1], msgspec.structs.replace(wish.steps[-1], needs=needs)])
    return Outcome("forbidden", wish, performed[:at], {})
