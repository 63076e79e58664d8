"""Which calls of an episode fulfil which gold steps: the agent's calls its own steps, the user's calls those of its side.

Gold steps are matched in order, wish by wish; the results of matched calls fill the holes of later steps, because fresh ids are known
only at run time. A read may serve several steps, a write only one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from synthesis.engine.episode.trajectory import Call
from synthesis.engine.packs.holes import MissingValue, holes, resolve
from synthesis.engine.packs.model import Tool
from synthesis.engine.scenarios.phases import phases
from synthesis.engine.scenarios.scenario import Scenario, Step

UNKNOWN = object()
"""Stands for an argument whose value only a result could tell that this episode does not have."""


class Matched(msgspec.Struct, frozen=True):
    """One gold step and the call that fulfils it (None: not reached). ``args`` are its arguments with the results of this episode filled
    in; ``required`` is False for reads that a changed mind made superfluous, and for those that are ``excused`` (see ``excuses``).
    ``calls`` are all calls that would fulfil it, such as the same read made twice."""

    wish: int
    position: int
    step: Step
    args: dict[str, Any]
    call: Call | None
    required: bool = True
    calls: list[Call] = []
    excused: bool = False


class Gold(msgspec.Struct, frozen=True):
    """All gold steps of an episode, and per wish what its templates can name: bound values and results under their names."""

    steps: list[Matched]
    scopes: list[dict[str, Any]]
    sources: list[dict[str, Call]]
    """Per wish, the last matched call under each step name."""

    @property
    def missing(self) -> list[Matched]:
        """Required steps that no call fulfils."""
        return [m for m in self.steps if m.required and m.call is None]

    @property
    def credit(self) -> float:
        """Process credit: the share of required steps reached (1 when there are none)."""
        required = [m for m in self.steps if m.required]
        return sum(m.call is not None for m in required) / len(required) if required else 1.0

    @property
    def used(self) -> set[str]:
        """Ids of the calls that fulfil a step."""
        return {m.call.id for m in self.steps if m.call}


class _Matcher:
    def __init__(self, scenario: Scenario, tools: Mapping[str, Tool], calls: Sequence[Call], lenient: bool) -> None:
        self.scenario, self.tools, self.lenient = scenario, tools, lenient
        self.names = [scenario.offered_names(scenario.domain_of(wish)) for wish in scenario.wishes]
        served = {("agent", offered.name) for offered in scenario.tools if offered.domain in scenario.domains}
        served |= {("user", offered.name) for offered in scenario.user_tools}
        self.by_name: dict[str, list[Call]] = {}
        for call in calls:
            if (call.requestor, call.name) in served and call.took_effect:
                self.by_name.setdefault(call.name, []).append(call)
        self.spent: set[str] = set()

    def find(self, wish: int, step: Step, args: dict[str, Any], spare: int = 0) -> list[Call]:
        """The calls that fulfil ``step`` of a wish, the one to count first; none where ``spare`` of them are wanted later.

        Every step needs a call of its own, but one that gold reuses (``known``) is fulfilled by the call that served the earlier step
        too; and wishes served together share what was read for them.
        """
        name = self.names[wish].get(step.tool, "")
        calls = self.by_name.get(name, [])
        shared = step.known or (self.scenario.at_once and step.effect == "read")
        candidates = calls if shared else [call for call in calls if call.id not in self.spent]
        found = [call for call in candidates if same_arguments(args, call.arguments)]
        if not found and self.lenient and step.effect == "write":
            found = [call for call in candidates if self._same_but_words(name, args, call.arguments)]
        if spare and len(found) <= spare:
            return []
        found.sort(key=lambda call: (call.id in self.spent) != step.known)
        self.spent.update(call.id for call in found[:1])
        return found

    def _same_but_words(self, name: str, wanted: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
        schemas = self.tools[name].parameters.get("properties", {}) if name in self.tools else {}
        free = {
            name
            for name in {*wanted, *given}
            if _free(schemas.get(name, {}), wanted.get(name)) and _free(schemas.get(name, {}), given.get(name))
        }
        return same_arguments(*({k: v for k, v in side.items() if k not in free} for side in (wanted, given)))


def _free(schema: Any, value: Any) -> bool:
    """Whether a value is free words: text without digits that neither names a record nor is one of a list."""
    bound = isinstance(schema, dict) and ({"ref", "enum", "const", "pattern", "format"} & schema.keys())
    return value is None or (isinstance(value, str) and not bound and not any(map(str.isdigit, value)))


def match_gold(scenario: Scenario, tools: Mapping[str, Tool], calls: Sequence[Call], *, lenient: bool = False) -> Gold:
    """Match every gold step of ``scenario`` with a call that took effect. ``tools`` are those on offer, by the name under which they are.

    ``lenient``: the final state is known to be right, so a write with the right records counts whatever its free words are.
    """
    matcher = _Matcher(scenario, tools, calls, lenient)
    steps: list[Matched] = []
    scopes: list[dict[str, Any]] = []
    sources: list[dict[str, Call]] = []
    for index, wish in enumerate(scenario.wishes):
        scope: dict[str, Any] = {}
        named: dict[str, Call] = {}
        for part, bindings, required in phases(wish):
            scope |= bindings
            steps += _match_part(matcher, index, part, scope, named, required)
        scopes.append(scope)
        sources.append(named)
    return Gold(steps, scopes, sources)


def _match_part(
    matcher: _Matcher, index: int, part: list[Step], scope: dict[str, Any], named: dict[str, Call], required: bool
) -> list[Matched]:
    found: list[Matched] = []
    fresh: set[str] = set()
    for position, step in enumerate(part):
        if step.error is not None:
            continue
        args = {key: _filled(value, scope) for key, value in step.args.items()}
        calls = matcher.find(index, step, args, _looks_again(step, part[position + 1 :]))
        call = calls[0] if calls else None
        found.append(Matched(index, position, step, args, call, required and not (step.known and call is None), calls))
        if call is not None and step.name:
            _bind(scope, step, call, fresh)
            named[step.name] = call
    return found


def _looks_again(step: Step, later: Sequence[Step]) -> int:
    """How often the user is to look at the very same thing of its own side again: of fewer looks the last ones count, since they show
    how it ended.
    """
    if step.side == "agent" or step.effect == "write":
        return 0
    return sum(other.tool == step.tool and other.args == step.args for other in later)


def _bind(scope: dict[str, Any], step: Step, call: Call, fresh: set[str]) -> None:
    result = call.outcome.result if call.outcome and call.ok else step.result
    name = str(step.name)
    if step.each:
        scope[name] = (scope[name] if name in fresh else []) + [result]
        fresh.add(name)
    else:
        scope[name] = result


def _filled(value: Any, scope: Mapping[str, Any]) -> Any:
    try:
        return resolve(value, scope)
    except MissingValue:
        return UNKNOWN


def same_arguments(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether ``given`` are the arguments that gold wants: an unknown value fits anything, null is as good as absent, text is compared
    without case and spacing.
    """
    names = {n for n, v in wanted.items() if v is not None} | {n for n, v in given.items() if v is not None}
    return all(n in wanted and (wanted[n] is UNKNOWN or same_value(wanted[n], given.get(n))) for n in names)


def same_value(left: Any, right: Any) -> bool:
    """Equality that forgives case and spacing of text and 1 for 1.0, but not 1 for true."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right or left.split() == right.split() or left.casefold().split() == right.casefold().split()
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def told_value(template: Any, value: Any, scope: Mapping[str, Any]) -> Any:
    """What a ``tells`` template comes to in this episode; the gold run's ``value`` where this episode has no such result."""
    try:
        return resolve(template, scope)
    except MissingValue:
        return value


def template_names(template: Any) -> set[str]:
    """First names of the holes of a template, such as ``{"moved"}`` for ``"{moved.starts_at}"``."""
    return {hole.path.split(".")[0] for hole in holes(template)} if isinstance(template, str) else set()
