"""Gold runs: an intent's gold calls executed in a state, with everything that was seen on the way.

The run is the truth of a scenario: which calls succeed, what they return and change, which policy checks they break, and which steps
must wait
for which others.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from synthesis.engine.packs import holes
from synthesis.engine.packs.model import GoldCall, Pack, Tool
from synthesis.engine.scenarios.scenario import Fact, Step
from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.machine import Broken, CallResult, LoggedCall, Machine
from synthesis.engine.world.state import State
from synthesis.engine.world.values import validator_of


class Unfit(Exception):
    """A candidate that does not become a scenario. ``reason`` is a short phrase, counted in reports."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


class Performed(msgspec.Struct):
    """One executed gold step: the step, its concrete arguments, what it changed and read, the checks it broke, and whether its tool is
    simulated, so that it was not executed at all."""

    step: Step
    args: dict[str, Any]
    delta: list[RowChange]
    reads: set[tuple[str, str]]
    broken: list[Broken]
    simulated: bool = False


class GoldRun:
    """Executes gold calls on ``state``, one wish after the other, with one policy log for all."""

    def __init__(self, machine: Machine, state: State) -> None:
        self.machine, self.state = machine, state
        self.log: list[LoggedCall] = []
        self.performed: list[Performed] = []
        self.results: dict[bytes, Any] = {}

    def perform(
        self, calls: Sequence[GoldCall], bindings: Mapping[str, Any], scope: dict[str, Any], facts: Sequence[Fact]
    ) -> list[Performed]:
        """Execute ``calls``; ``scope`` collects results under their ``as`` names. Stops after the first failing call (its step has
        ``error``)."""
        done: list[Performed] = []
        for call, item in _expanded(calls, bindings, scope):
            performed = self._one(call, item, bindings, scope, frozenset(c.name for c in calls if c.name) | frozenset(scope))
            done.append(performed)
            self.performed.append(performed)
            if performed.step.error:
                break
        _add_needs(done, facts)
        _add_order(self.machine.pack, done, facts)
        return done

    def _one(self, call: GoldCall, item: Any, bindings: Mapping[str, Any], scope: dict[str, Any], names: frozenset[str]) -> Performed:
        pack = self.machine.pack
        tool = pack.tools[call.call]
        bound = dict(bindings) if call.each is None else {**bindings, "item": item}
        try:
            template = holes.resolve(call.args, bound, keep=names)
            args = holes.resolve(template, scope)
        except holes.MissingValue as missing:
            raise Unfit("gold names a value that is not bound", f"{{{missing.args[0]}}} in {call.call}") from None
        template = {key: value for key, value in template.items() if value is not None or key in tool.parameters.get("required", [])}
        args = {key: args[key] for key in template}
        broken = self.machine.broken(self.state, call.call, args, self.log)
        outcome = self._given(tool, call, bound, scope) if tool.simulated else self.machine.call(self.state, call.call, args)
        error = outcome.error.code if outcome.error else None
        self.log.append(LoggedCall(call.call, args, error is None, outcome.result, error, tool.requestor))
        if call.name and error is None:
            if call.each is not None:
                scope.setdefault(call.name, []).append(outcome.result)
            else:
                scope[call.name] = outcome.result
        signature = msgspec.json.encode([call.call, args], order="sorted")
        known = tool.effect == "read" and error is None and self.results.get(signature, _NOTHING) == outcome.result
        self.results[signature] = outcome.result
        step = Step(
            tool=call.call, args=template, effect=tool.effect, confirm=tool.confirm, name=call.name, each=call.each is not None,
            needs=list(call.needs), result=outcome.result, error=error, known=known,
            side=tool.requestor,
        )  # fmt: skip
        reads = {(table, "*") for table in tool.readable} if tool.simulated else set(self.machine.host.reads)
        return Performed(step, args, outcome.delta, reads, broken, tool.simulated)

    def _given(self, tool: Tool, call: GoldCall, bound: Mapping[str, Any], scope: Mapping[str, Any]) -> CallResult:
        """What the pack says that a simulated tool gives: in a gold run nobody is asked."""
        try:
            result = holes.resolve(call.gives, {**bound, **scope})
        except holes.MissingValue as missing:
            raise Unfit("gold names a value that is not bound", f"{{{missing.args[0]}}} in gives of {call.call}") from None
        if not validator_of(tool.returns).is_valid(result):
            raise Unfit("gives does not fit returns", tool.name)
        return CallResult(result=result)


def again(machine: Machine, state: State, performed: "Performed") -> CallResult:
    """Make the call of a gold step again on ``state``; a simulated one gives what it gave."""
    if performed.simulated:
        return CallResult(result=performed.step.result)
    return machine.call(state, performed.step.tool, performed.args)


_NOTHING = object()


def _expanded(calls: Sequence[GoldCall], bindings: Mapping[str, Any], scope: Mapping[str, Any]) -> Iterator[tuple[GoldCall, Any]]:
    for call in calls:
        if call.each is None:
            yield call, None
            continue
        try:
            items = holes.resolve(call.each, {**bindings, **scope})
        except holes.MissingValue as missing:
            raise Unfit("gold names a value that is not bound", f"{{{missing.args[0]}}} in each of {call.call}") from None
        if not isinstance(items, list) or not items:
            raise Unfit("each has nothing to repeat", call.call)
        for item in items:
            yield call, item


def feeds(fact: Fact, value: Any) -> bool:
    """Whether the argument ``value`` comes from ``fact``: equal, or the date or time of a moment."""
    if fact.value == value and type(fact.value) is type(value):
        return True
    if isinstance(fact.value, list):
        return any(item == value for item in fact.value)
    return fact.kind == "datetime" and isinstance(value, str) and value in (fact.value[:10], fact.value[11:16])


def _add_needs(done: list[Performed], facts: Sequence[Fact]) -> None:
    """Give every step the facts it needs; facts that feed no argument are needed before the first write, or the last read."""
    needs = [
        list(dict.fromkeys([*p.step.needs, *(f.key for f in facts if any(feeds(f, v) for v in holes.leaves(p.step.args)))])) for p in done
    ]
    if not done:
        return
    asked = [i for i, p in enumerate(done) if p.step.side == "agent"] or list(range(len(done)))
    writes = [i for i in asked if done[i].step.effect == "write"]
    late = writes[0] if writes else asked[-1]
    used = {key for keys in needs for key in keys}
    needs[late] += [fact.key for fact in facts if fact.key not in used]
    for i in writes:
        needs[late] += [key for key in needs[i] if key not in needs[late]]
    for performed, keys in zip(done, needs, strict=True):
        performed.step = msgspec.structs.replace(performed.step, needs=keys)


def _add_order(pack: Pack, done: list[Performed], facts: Sequence[Fact]) -> None:
    """Give every step the positions of the steps it must wait for."""
    for j, later in enumerate(done):
        after = {i for i in range(j) if _waits(pack, done[i], later)}
        for value in holes.leaves(later.args):
            if isinstance(value, str) and not any(feeds(fact, value) for fact in facts):
                first = next((i for i in range(j) if value in set(_texts(done[i].step.result))), None)
                if first is not None:
                    after.add(first)
        later.step = msgspec.structs.replace(later.step, after=sorted(after))


def _texts(value: Any) -> Iterator[str]:
    return (leaf for leaf in holes.leaves(value) if isinstance(leaf, str))


def _waits(pack: Pack, earlier: Performed, later: Performed) -> bool:
    if earlier.step.name and any(
        isinstance(v, str) and any(h.path.split(".")[0] == earlier.step.name for h in holes.holes(v)) for v in holes.leaves(later.step.args)
    ):
        return True
    for check in pack.checks.values():
        if (
            check.before
            and earlier.step.tool == check.before[0]
            and check.before[1] in ("*", later.step.tool)
            and later.step.tool != check.before[0]
        ):
            return True
    return _touches(earlier.delta, later.reads) or _touches(later.delta, earlier.reads) or _same_rows(earlier.delta, later.delta)


def _touches(delta: list[RowChange], reads: set[tuple[str, str]]) -> bool:
    return any((change.table, change.key) in reads or (change.table, "*") in reads for change in delta)


def _same_rows(a: list[RowChange], b: list[RowChange]) -> bool:
    return bool({(c.table, c.key) for c in a if c.before} & {(c.table, c.key) for c in b if c.before})


def unseen(performed: Sequence[Performed], pack: Pack, facts: Sequence[Fact]) -> str | None:
    """A key that a gold call uses although nobody can have seen it, as ``tool.parameter``; or None. What a simulated tool gives counts
    for nothing: another simulator may leave it out."""
    seen: set[str] = set()
    for item in performed:
        for name in pack.tools[item.step.tool].refs():
            for value in holes.leaves(item.args.get(name)):
                if isinstance(value, str) and value not in seen and not any(feeds(fact, value) for fact in facts):
                    return f"{item.step.tool}.{name}"
        if not item.simulated:
            seen.update(_texts(item.step.result))
    return None
