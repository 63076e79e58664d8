"""How faithful a simulator is: its answer to a call beside what the tool's program does in the very same state.

Results are compared key by key under the rules of the columns of these names (``compare: text`` without case, punctuation and spacing,
``ignore`` not at all), states as net deltas under the same rules and up to renaming of fresh ids.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from synthesis.engine.packs.model import Pack
from synthesis.engine.tools import ToolError
from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.delta import Comparison, plain_text

KINDS: tuple[str, ...] = (
    "unusable",
    "missed_error",
    "invented_error",
    "other_error",
    "rows_missing",
    "rows_added",
    "order",
    "fields_missing",
    "fields_added",
    "values",
    "state",
)
"""Kinds of differences. One call may have several; ``unusable`` answers are compared no further."""
EXAMPLES = 5
"""Examples of differences kept per tool."""
LONGEST = 600
"""Characters of a result in an example."""


class Answered(msgspec.Struct, frozen=True):
    """What one side gave: a result or an error, and the rows it changed."""

    result: Any = None
    error: ToolError | None = None
    delta: list[RowChange] = []


class Rehearsed(msgspec.Struct, frozen=True):
    """One call on both sides. ``problem``: the simulator's answer could not be taken, so it is asked again or counts as unusable.

    ``kinds`` are of KINDS, ``differences`` say in words what differs.
    """

    program: Answered
    simulator: Answered = Answered()
    problem: str = ""
    same_result: bool = False
    same_state: bool = False
    kinds: list[str] = []
    differences: list[str] = []


def rehearsed(pack: Pack, program: Answered, simulator: Answered) -> Rehearsed:
    """Both sides beside each other."""
    found: dict[str, str] = {}
    if program.error or simulator.error:
        _errors(program.error, simulator.error, found)
    else:
        _compare(_rules(pack), program.result, simulator.result, "result", found)
    same_result = not found
    states = Comparison({pack.slug: pack}, pack.slug).differences(program.delta, simulator.delta)
    if states:
        found["state"] = "; ".join(states)[:LONGEST]
    return Rehearsed(program, simulator, "", same_result, not states, [kind for kind in KINDS if kind in found], list(found.values()))


def _errors(program: ToolError | None, simulator: ToolError | None, found: dict[str, str]) -> None:
    if simulator is None and program is not None:
        found["missed_error"] = f"the program gives the error {program.code}"
    elif program is None and simulator is not None:
        found["invented_error"] = f"the simulator gives the error {simulator.code}"
    elif program is not None and simulator is not None and program.code != simulator.code:
        found["other_error"] = f"the program gives {program.code}, the simulator {simulator.code}"


def _rules(pack: Pack) -> dict[str, str]:
    """How values under a name are compared: the loosest rule among the columns that are called so."""
    looseness = ["exact", "text", "ignore"]
    rules: dict[str, str] = {}
    for table in pack.tables.values():
        for name, column in table.columns.items():
            rules[name] = max(rules.get(name, "exact"), column.compare, key=looseness.index)
    return rules


def _compare(rules: Mapping[str, str], program: Any, simulator: Any, place: str, found: dict[str, str]) -> None:
    """Note the first difference of each kind."""
    if isinstance(program, dict) and isinstance(simulator, dict):
        _compare_fields(rules, program, simulator, place, found)
    elif isinstance(program, list) and isinstance(simulator, list):
        _compare_rows(rules, program, simulator, place, found)
    elif not _same(rules, place.rpartition(".")[2], program, simulator):
        found.setdefault("values", f"{place}: {_brief(program)} in the program, {_brief(simulator)} in the simulator")


def _compare_fields(
    rules: Mapping[str, str], program: dict[str, Any], simulator: dict[str, Any], place: str, found: dict[str, str]
) -> None:
    missing = [name for name in program if name not in simulator and rules.get(name) != "ignore"]
    added = [name for name in simulator if name not in program and rules.get(name) != "ignore"]
    if missing:
        found.setdefault("fields_missing", f"{place} lacks {', '.join(missing)}")
    if added:
        found.setdefault("fields_added", f"{place} has {', '.join(added)} too much")
    for name, value in program.items():
        if name in simulator:
            _compare(rules, value, simulator[name], f"{place}.{name}", found)


def _compare_rows(rules: Mapping[str, str], program: list[Any], simulator: list[Any], place: str, found: dict[str, str]) -> None:
    if len(program) != len(simulator):
        kind = "rows_missing" if len(simulator) < len(program) else "rows_added"
        found.setdefault(kind, f"{place} has {len(simulator)} instead of {len(program)} entries")
        return
    inside: dict[str, str] = {}
    for i, (one, other) in enumerate(zip(program, simulator, strict=True)):
        _compare(rules, one, other, f"{place}.{i}", inside)
    if not inside:
        return
    if Counter(_signature(rules, item) for item in program) == Counter(_signature(rules, item) for item in simulator):
        found.setdefault("order", f"{place} is in another order")
        return
    for kind, words in inside.items():
        found.setdefault(kind, words)


def _same(rules: Mapping[str, str], name: str, program: Any, simulator: Any) -> bool:
    rule = rules.get(name, "exact")
    if rule == "ignore":
        return True
    if rule == "text" and isinstance(program, str) and isinstance(simulator, str):
        return plain_text(program) == plain_text(simulator)
    return bool(program == simulator) and isinstance(program, bool) == isinstance(simulator, bool)


def _signature(rules: Mapping[str, str], value: Any, name: str = "") -> bytes:
    """Bytes that are equal for what counts as the same."""

    def plain(value: Any, name: str) -> Any:
        if rules.get(name) == "ignore":
            return None
        if isinstance(value, dict):
            return {key: plain(item, key) for key, item in value.items() if rules.get(key) != "ignore"}
        if isinstance(value, list):
            return [plain(item, name) for item in value]
        return plain_text(value) if rules.get(name) == "text" and isinstance(value, str) else value

    return msgspec.json.encode(plain(value, name), order="sorted")


def _brief(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 120 else text[:119] + "…"


class Difference(msgspec.Struct, frozen=True):
    """An example: a call, and both answers as texts."""

    arguments: dict[str, Any]
    program: str
    simulator: str
    words: list[str]


class ToolFidelity(msgspec.Struct):
    """How one tool was simulated: calls, of these with an equal result, an equal state, and both; answers that had to be asked for again,
    and calls without any that could be used; calls by kind of difference; some examples."""

    tool: str
    effect: str
    calls: int = 0
    results: int = 0
    states: int = 0
    both: int = 0
    repaired: int = 0
    unusable: int = 0
    kinds: dict[str, int] = msgspec.field(default_factory=dict)
    examples: list[Difference] = msgspec.field(default_factory=list)

    def add(self, arguments: dict[str, Any], call: Rehearsed, repaired: bool) -> None:
        """Count one call."""
        self.calls += 1
        self.repaired += repaired
        kinds = call.kinds
        if call.problem:
            self.unusable += 1
            kinds = ["unusable"]
        else:
            self.results += call.same_result
            self.states += call.same_state
            self.both += call.same_result and call.same_state
        for kind in kinds:
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
        if kinds and len(self.examples) < EXAMPLES:
            words = [call.problem] if call.problem else call.differences
            self.examples.append(Difference(arguments, _shown(call.program), "" if call.problem else _shown(call.simulator), words))


def _shown(answer: Answered) -> str:
    value = {"error": answer.error.code} if answer.error else answer.result
    text = msgspec.json.encode(value).decode()
    changed = f" ({len(answer.delta)} rows changed)" if answer.delta else ""
    return (text if len(text) <= LONGEST else text[: LONGEST - 1] + "…") + changed


def total(tools: Iterable[ToolFidelity], name: str = "") -> ToolFidelity:
    """All tools together, without examples."""
    added = ToolFidelity(name, "")
    for tool in tools:
        for field in ("calls", "results", "states", "both", "repaired", "unusable"):
            setattr(added, field, getattr(added, field) + getattr(tool, field))
        for kind, number in tool.kinds.items():
            added.kinds[kind] = added.kinds.get(kind, 0) + number
    return added
