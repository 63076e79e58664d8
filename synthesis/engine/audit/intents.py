"""Every intent binds in most worlds, gives distinct scenarios, and its gold does what it says; wordings find their values."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from synthesis.engine.audit.report import Findings, IntentFigures, Told, told_nobody
from synthesis.engine.packs import holes
from synthesis.engine.packs.model import Intent, Phrases
from synthesis.engine.randomness import rng_for
from synthesis.engine.scenarios.gold import GoldRun, Unfit
from synthesis.engine.scenarios.wishes import Bound, Outcome, bind, perform
from synthesis.engine.world.machine import Machine
from synthesis.engine.world.programs import Crash

DRAWS = 3
"""Bindings tried per world."""
LEAST_WORLDS = 0.8
LEAST_DISTINCT = 10
MOST_DROPPED = 0.45
"""Share of bindings that may come out as no scenario (gold fails, breaks a rule without refuse lines)."""
FAULTS = {
    "gold names a value that is not bound": "Bind it in bind(), name it in knows, or give an earlier step 'as'.",
    "a fact names a value that is not bound": "Return it from bind().",
    "wants names a value that is not bound": "Return it from bind().",
    "tells names a value that is not bound": "Return it from bind() or name the step that gives it with 'as'.",
    "gold uses an id nobody has seen": "Add a look-up before it whose result holds the id, or let the user know it.",
    "gives does not fit returns": "Mend the gives of that gold call, or the returns of the tool.",
    "bind ignored the caller": 'Begin with: caller = given["caller"] or pick(...), and return that very row.',
    "each has nothing to repeat": "Return None from bind() when the list is empty.",
}
"""Reasons that are a fault of the pack whenever they occur, with their remedy."""


def audit_intents(
    machine: Machine, seeds: list[int], findings: Findings, gold: dict[str, list[dict[str, Any]]], told: Told = told_nobody
) -> dict[str, IntentFigures]:
    """Bind and perform every intent in every world. ``gold`` collects the arguments that gold calls used, by tool, for the fuzzer."""
    figures = {}
    for position, intent in enumerate(machine.pack.intents.values()):
        told("intents", position, len(machine.pack.intents))
        place = f"intents.{position}"
        figures[intent.id] = figure = _intent(machine, intent, seeds, place, findings, gold)
        if figure.worlds < LEAST_WORLDS * len(seeds):
            findings.error(
                f"{place}.bind",
                f"{intent.id} binds in {figure.worlds} of {len(seeds)} worlds.",
                "Seed more records that it can use, or ask for less.",
            )
        elif figure.distinct < LEAST_DISTINCT:
            findings.error(f"{place}.bind", f"{intent.id} gives {figure.distinct} distinct scenarios.", "Pick from more records.")
        total = figure.complete + figure.forbidden + sum(figure.dropped.values())
        dropped = {reason: n for reason, n in figure.dropped.items() if reason not in FAULTS and reason != "nothing to bind"}
        if total and sum(dropped.values()) > MOST_DROPPED * total:
            why = ", ".join(f"{reason} ({n})" for reason, n in dropped.items())
            findings.error(
                f"{place}.gold",
                f"{intent.id}: {sum(dropped.values())} of {total} bindings give no scenario: {why}.",
                "Bind records on which the gold works, or add refuse lines.",
            )
        if figure.complete == 0 and intent.expect == "complete" and total:
            findings.error(f"{place}.gold", f"{intent.id} never succeeds.", "Mend the gold or the bind.")
    return figures


def _intent(
    machine: Machine, intent: Intent, seeds: list[int], place: str, findings: Findings, gold: dict[str, list[dict[str, Any]]]
) -> IntentFigures:
    figure = IntentFigures(dropped={})
    distinct = set()
    for seed in seeds:
        bound_here = False
        for preference in [False] * DRAWS + [True] * (1 if intent.preference else 0):
            rng = rng_for(seed, intent.id, preference, figure.complete + figure.forbidden)
            run = GoldRun(machine, machine.state(seed))
            try:
                bound = bind(machine, run.state, intent, rng, preference=preference)
                bound_here = True
                distinct.add(hashlib.sha256(msgspec.json.encode([seed, bound.bindings], order="sorted")).digest())
                outcome = perform(run, bound)
            except Unfit as unfit:
                figure.dropped[unfit.reason] = figure.dropped.get(unfit.reason, 0) + 1
                if unfit.reason in FAULTS:
                    findings.error(place, f"{unfit.reason}: {unfit.detail} (world {seed}).", FAULTS[unfit.reason])
                elif unfit.reason != "nothing to bind" and figure.dropped[unfit.reason] == 1:
                    findings.warning(
                        place, f"{unfit.reason}: {unfit.detail} (world {seed}).", "Fine if rare; see the share in the figures."
                    )
                continue
            except Crash as crash:
                findings.error(crash.place, f"fails in world {seed}: {crash.said}", "Mend the program or the data it meets.")
                continue
            _count(figure, outcome)
            _learn(gold, outcome)
            _crashes(machine, run, findings)
            _wordings(machine, intent, bound, outcome, place, findings)
        figure.worlds += bound_here
    figure.distinct = len(distinct)
    return figure


def _count(figure: IntentFigures, outcome: Outcome) -> None:
    if outcome.kind == "complete":
        figure.complete += 1
    else:
        figure.forbidden += 1


def _learn(gold: dict[str, list[dict[str, Any]]], outcome: Outcome) -> None:
    for performed in outcome.performed:
        gold.setdefault(performed.step.tool, []).append(performed.args)


def _crashes(machine: Machine, run: GoldRun, findings: Findings) -> None:
    broken = machine.violated(run.state)
    if broken:
        tools = ", ".join(p.step.tool for p in run.performed if p.step.effect == "write")
        findings.error("invariants", f"broken after {tools or 'reads'}: {broken}.", "Mend the tool's program or the invariant.")


def _wordings(machine: Machine, intent: Intent, bound: Bound, outcome: Outcome, place: str, findings: Findings) -> None:
    """Every hole of every line finds a value where the line is said."""
    values = bound.values()
    for fact in bound.facts:
        if isinstance(bound.bindings.get(fact.key), dict | list):
            problem = "has the name of a record that bind returns, so a line that says it would be ambiguous."
            findings.error(f"{place}.knows.{fact.key}", problem, "Rename the fact or the bound name.")
    for language, phrases in intent.phrases.items():
        for where, line, scope in _lines(phrases, values, outcome):
            for path in _unbound(line, scope):
                remedy = "Name a bound value, a fact, or the result of an earlier step."
                findings.error(f"{place}.phrases.{language}.{where}", f"{{{path}}} has no value there.", remedy)
    if intent.twins:
        _twins(intent, values, place, findings)


def _lines(phrases: Phrases, values: Mapping[str, Any], outcome: Outcome) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Every line with its place and what it can name there."""
    said: list[tuple[str, Sequence[str], Mapping[str, Any]]] = [("opening", phrases.opening, values), ("adjust", phrases.adjust, values)]
    said += [(f"answers.{key}", lines, values) for key, lines in phrases.answers.items()]
    if outcome.kind == "complete":
        said += [("propose", phrases.propose, _before_writes(values, outcome)), ("report", phrases.report, {**values, **outcome.scope})]
    for section, lines, scope in said:
        for i, line in enumerate(lines):
            yield f"{section}.{i}", line, scope


def _before_writes(values: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
    """What an agent can name when it proposes: bound values and the results of the reads so far."""
    scope = dict(values)
    for performed in outcome.performed:
        if performed.step.effect == "write":
            break
        if performed.step.name:
            scope[performed.step.name] = [performed.step.result] if performed.step.each else performed.step.result
    return scope


def _twins(intent: Intent, values: Mapping[str, Any], place: str, findings: Findings) -> None:
    assert intent.twins is not None
    rows = holes.resolve(intent.twins.rows, values) if not list(_unbound(intent.twins.rows, values)) else None
    if not isinstance(rows, list):
        findings.error(
            f"{place}.twins.rows", "is no list.", "Bind a list of the records that the opening could mean, the right one among them."
        )
        return
    for language, template in intent.twins.show.items():
        for row in rows[:1]:
            for path in _unbound(template, {**values, "item": row}):
                findings.error(f"{place}.twins.show.{language}", f"{{{path}}} has no value.", "Use {item.column} of a row in the list.")


def _unbound(line: str, scope: Mapping[str, Any]) -> Iterator[str]:
    for hole in holes.holes(line):
        try:
            holes.lookup(scope, hole.path)
        except holes.MissingValue:
            yield hole.path
