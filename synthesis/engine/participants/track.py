"""How far the agent has come with one wish: what it was told, which steps are done, what was proposed and reported.

A Track follows the scenario's steps, but acts on a fact only once the user's words told it, and fills arguments from results that really
came back.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from synthesis.engine.faults.plan import FAULT_CODES, is_spoilt
from synthesis.engine.language.grounding import Variant, WishWords
from synthesis.engine.packs.holes import MissingValue, resolve
from synthesis.engine.packs.model import Tool
from synthesis.engine.scenarios.scenario import Refusal, Step, Tell

MOST_TRIES = 4
"""Calls of one step, faults included, before the agent gives up."""


MOST_REQUESTS = 3
"""Times that the user is asked for one step before the agent gives up."""


class Trouble(msgspec.Struct, frozen=True):
    """An error that the user has to hear about: fact ``key`` was said with a value that does not work."""

    key: str
    code: str


class Track:
    """One wish of the scenario as the agent serves it. ``names`` are those under which its domain's tools are offered."""

    def __init__(self, index: int, words: WishWords, names: Mapping[str, str] | None = None) -> None:
        self.index, self.words, self.names = index, words, names or {}
        wish = words.wish
        self.steps: list[Step] = list(wish.steps)
        self.refusal: Refusal | None = wish.refusal
        self.told: dict[str, Variant] = {}
        self.asked: dict[str, int] = {}
        self.opened = self.closed = False
        self.changed = self.redo = False
        self.proposed = self.confirmed = self.declined = self.refused = False
        self.doubts = 0
        self.trouble: Trouble | None = None
        self.hopeless: Literal["system", "error"] | None = None
        self._reset()

    def _reset(self) -> None:
        self.done: set[int] = set()
        self.pending: set[int] = set()
        self.tries: dict[int, int] = {}
        self.requests: dict[int, int] = {}
        """How often the user was asked to do a step of its own side."""
        self.results: dict[str, Any] = {}
        self.repeated: dict[str, dict[int, Any]] = {}
        """Results of repeated steps by name and step position; ``results`` lists them in that order."""
        self.earlier: dict[str, Any] = {}
        self.retrying = False

    # What the user said.

    def hear(self, told: Mapping[str, Variant]) -> None:
        """Take in facts told by the user; a corrected value takes its trouble away, a changed mind changes the plan."""
        self.told |= told
        if self.trouble and told.get(self.trouble.key) == "right":
            self.trouble = None
        change = self.words.wish.change
        if change and not self.changed and "changed" in told.values():
            self.redo = change.when == "after" and bool(self.done)
            self.steps, self.changed, self.closed = list(change.steps), True, False
            self.proposed = self.confirmed = self.declined = False
            earlier = self.results
            self._reset()
            self.earlier = earlier

    def missing(self, step: Step) -> list[str]:
        """Facts that ``step`` needs and the user has not told, or told in a form that cannot be right."""
        hidden, choice = self.words.wish.hides, self.words.wish.choice
        keys = [key for key in step.needs if key not in hidden and (key not in self.told or self._unusable(key))]
        if choice and choice.key in keys and step.effect == "read" and not self._feeds(choice.key, step):
            keys.remove(choice.key)
        return keys

    def _feeds(self, key: str, step: Step) -> bool:
        """Whether an argument of ``step`` is taken from fact ``key``: then it must be known, however many records could be meant."""
        value = self.words.facts[key].value
        parts = [value, value[:10], value[11:16]] if isinstance(value, str) and self.words.facts[key].kind == "datetime" else [value]
        return any(argument in parts for argument in step.args.values())

    @property
    def undecided(self) -> bool:
        """Whether the user still has to say which of several records is meant."""
        choice = self.words.wish.choice
        return choice is not None and choice.key not in self.told

    def _unusable(self, key: str) -> bool:
        wrong = self.words.wish.wrong
        bad = wrong is not None and wrong.key == key and self.told.get(key) == "wrong"
        return bad and ((wrong is not None and wrong.malformed) or (self.trouble is not None and self.trouble.key == key))

    def malformed(self, key: str) -> bool:
        """Whether what the user said for ``key`` can be seen to be no valid value."""
        wrong = self.words.wish.wrong
        return wrong is not None and wrong.malformed and wrong.key == key and self.told.get(key) == "wrong"

    # Steps and calls.

    def reuse(self, known: Mapping[bytes, Any], fresh: Mapping[bytes, Any]) -> None:
        """Settle steps whose very call was already made with success: ``known`` maps call signatures to results, ``fresh`` those since
        the last write.

        After a write a read is only taken as known where the scenario says that it would give the same.
        """
        while held := next(((i, result) for i in self.ready() if (result := self._held(i, known, fresh)) is not None), None):
            self.settle(*held)

    def _held(self, i: int, known: Mapping[bytes, Any], fresh: Mapping[bytes, Any]) -> Any:
        step = self.steps[i]
        if step.effect == "write" or self.missing(step):
            return None
        return (known if step.known else fresh).get(signature(self.offered(i), self.arguments(i)))

    def ready(self) -> list[int]:
        """Positions of the steps that are not done, not under way, and wait for nothing."""
        return [i for i, step in enumerate(self.steps) if i not in self.done and i not in self.pending and set(step.after) <= self.done]

    def offered(self, i: int) -> str:
        """The name under which the tool of step ``i`` is offered."""
        return self.names.get(self.steps[i].tool, self.steps[i].tool)

    def arguments(self, i: int) -> dict[str, Any]:
        """The arguments of step ``i``, with the user's wrong value while that stands, and holes filled from real results."""
        step, wrong = self.steps[i], self.words.wish.wrong
        if wrong and not self.changed and wrong.step == i and self.told.get(wrong.key) == "wrong" and not wrong.malformed:
            return dict(wrong.args)
        try:
            filled = resolve(step.args, {**self.earlier, **self.results})
        except MissingValue:
            # A result was lost on the way (its write took place all the same): what the records held is as good.
            gold = {other.name: other.result for other in self.steps if other.name}
            filled = resolve(step.args, {**gold, **self.earlier, **self.results})
        return dict(filled)

    def request(self, i: int) -> None:
        """The user is asked to do step ``i``."""
        self.pending.add(i)
        self.requests[i] = self.requests.get(i, 0) + 1

    def hear_of(self, i: int, *, done: bool) -> bool:
        """The user has answered what was asked for step ``i``: it is ``done``, or is to be asked for again, for a while."""
        if i not in self.pending:
            return False
        if done:
            self.settle(i, self.steps[i].result)
            return True
        self.pending.discard(i)
        if self.requests.get(i, 0) >= MOST_REQUESTS:
            self.hopeless = "error"
        return False

    def settle(self, i: int, result: Any) -> None:
        """Step ``i`` is done and gave ``result``."""
        step = self.steps[i]
        self.done.add(i)
        self.pending.discard(i)
        self.retrying = False
        if step.name and step.each:
            self.repeated.setdefault(step.name, {})[i] = result
            self._list_repeated(step.name)
        elif step.name:
            self.results[step.name] = result

    def unsettle(self, i: int) -> None:
        """Step ``i`` counts as not done again."""
        step = self.steps[i]
        self.done.discard(i)
        if step.name and step.each:
            self.repeated[step.name].pop(i, None)
            self._list_repeated(step.name)
        elif step.name:
            self.results.pop(step.name, None)

    def _list_repeated(self, name: str) -> None:
        """The results of a repeated step stand in the order of its items, however late a retried one came in."""
        items = self.repeated[name]
        self.results[name] = [items[i] for i in sorted(items)]

    def disobey(self, tools: Mapping[str, Tool]) -> None:
        """Plan to do what the policy forbids: the rest of the intent's own calls in place of the refusal (a slip)."""
        scope = {**{fact.key: fact.value for fact in self.words.wish.facts}, **self.words.wish.bindings}
        names = frozenset(call.name for call in self.words.intent.gold if call.name)
        gold = self.words.intent.gold
        blocked = self.refusal.blocked_tool if self.refusal else None
        start = next((i for i, call in enumerate(gold) if call.call == blocked), len(gold))
        for call in gold[start:]:
            items = resolve(call.each, scope) if call.each else [None]
            for item in items:
                args = resolve(call.args, {**scope, "item": item}, keep=names)
                tool, before = tools[call.call], list(range(len(self.steps)))
                self.steps.append(
                    Step(call.call, args, tool.effect, tool.confirm, call.name, call.each is not None, after=before, side=tool.requestor)
                )
        self.refusal = None

    def fold_result(self, i: int, result: Any, error: Mapping[str, Any] | None) -> str:
        """Take in what the call of step ``i`` gave. Returns ``done``, ``retry``, ``trouble`` or ``failed``."""
        self.pending.discard(i)
        self.tries[i] = self.tries.get(i, 0) + 1
        if error is None and not is_spoilt(result):
            self.settle(i, result)
            return "done"
        if error is None or error["code"] in FAULT_CODES:
            if error is not None and "do not repeat" in str(error["message"]).lower():
                self.settle(i, None)
                return "done"
            self.retrying = True
            self.hopeless = "system" if self.tries[i] >= MOST_TRIES else None
            return "retry"
        wrong = self.words.wish.wrong
        if wrong and wrong.step == i and not self.changed and self.told.get(wrong.key) == "wrong":
            self.trouble = Trouble(wrong.key, str(error["code"]))
            self.tries[i] = 0
            return "trouble"
        self.hopeless = "error"
        return "failed"

    @property
    def finished(self) -> bool:
        """Whether every step is done."""
        return len(self.done) == len(self.steps)

    @property
    def tells(self) -> list[Tell]:
        """What must be reported."""
        return self.words.wish.change.tells if self.changed and self.words.wish.change else self.words.wish.tells

    def scope(self) -> dict[str, Any]:
        """What templates of tells may name: bound values, facts, real results (those that were lost as the records hold them)."""
        lost = {step.name: step.result for step in self.steps if step.name and not step.each}
        held = {name: result for name, result in self.results.items() if result is not None}
        return {**self.words.exact(self.told), **self.words.scope(self.changed), **lost, **held}

    def told_values(self, tells: Iterable[Tell]) -> list[tuple[Tell, Any]]:
        """Each tell with its value as this episode's results have it."""
        values = []
        for tell in tells:
            try:
                value = resolve(tell.template, self.scope())
            except MissingValue:
                value = tell.value
            values.append((tell, value))
        return values


def signature(tool: str, args: Mapping[str, Any]) -> bytes:
    """What makes two calls identical."""
    return msgspec.json.encode([tool, args], order="sorted")


def step_called(tracks: Iterable[Track], name: str, args: Mapping[str, Any]) -> tuple[int, int] | None:
    """The wish and step, open and due, that a call of the tool offered as ``name`` would fulfil; None when it fulfils none."""
    wanted = signature(name, args)
    due = ((track, i) for track in tracks if track.opened and not track.closed for i in track.ready() if track.offered(i) == name)
    return next(((track.index, i) for track, i in due if signature(name, track.arguments(i)) == wanted), None)
