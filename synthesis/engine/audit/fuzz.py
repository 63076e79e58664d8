"""Fuzzing tools: arguments with keys drawn from the world and values that gold calls used, bent in places.

Drawn from the schema alone, none of 1,500 calls wrote anything; so keys, dates and words come from the world.
"""

import random
from typing import Any

from synthesis.engine.audit.report import AuditReport, Findings
from synthesis.engine.packs import holes
from synthesis.engine.packs.model import DeclaredError, Tool
from synthesis.engine.randomness import rng_for
from synthesis.engine.world.host import add_days
from synthesis.engine.world.machine import CallResult, Machine
from synthesis.engine.world.state import State
from synthesis.engine.world.values import validator_of

CALLS_PER_WORLD = 80
EXAMPLE_TRIES = 40
OURS = {"invalid_arguments", "internal_error"}


def audit_tools(machine: Machine, seeds: list[int], findings: Findings, gold: dict[str, list[dict[str, Any]]], report: AuditReport) -> None:
    """Fuzz every tool; report crashes, broken invariants, undeclared or unreached errors and results that do not fit ``returns``."""
    fuzzer = _Fuzzer(machine, findings, gold)
    for seed in seeds:
        fuzzer.world(seed, report)
    for position, tool in enumerate(machine.pack.tools.values()):
        for error in tool.errors:
            if (tool.name, error.code) not in fuzzer.reached and not fuzzer.example(tool, error, seeds):
                place = f"tools.{position}.errors"
                findings.error(
                    place,
                    f"{tool.name}: nothing reached the error {error.code}.",
                    "Give an example whose arguments lead to it in a fresh world, or remove it.",
                )


class _Fuzzer:
    def __init__(self, machine: Machine, findings: Findings, gold: dict[str, list[dict[str, Any]]]) -> None:
        self.machine, self.findings, self.gold = machine, findings, gold
        self.reached: set[tuple[str, str]] = set()
        self.positions = {name: i for i, name in enumerate(machine.pack.tools)}
        self.returns = {t.name: validator_of(t.returns) for t in machine.pack.tools.values() if t.returns}

    def world(self, seed: int, report: AuditReport) -> None:
        """A sequence of calls on one world, writes adding up."""
        rng = rng_for(seed, "fuzz")
        state = self.machine.state(seed)
        tools = list(self.machine.pack.tools.values())
        for _ in range(CALLS_PER_WORLD):
            tool = rng.choice(tools)
            args = self.arguments(tool, state, rng)
            result = self.machine.call(state, tool.name, args)
            report.fuzzed += 1
            report.writes += bool(result.delta)
            self.judge(tool, args, result)
            if result.delta:
                broken = self.machine.violated(state)
                if broken:
                    self.findings.error(
                        f"tools.{self.positions[tool.name]}.program",
                        f"{tool.name}{args} broke an invariant: {broken}.",
                        "Mend the program or the invariant.",
                    )
                    state = self.machine.state(seed)

    def judge(self, tool: Tool, args: dict[str, Any], result: CallResult) -> None:
        """Report what is wrong with one outcome."""
        place = f"tools.{self.positions[tool.name]}"
        if result.error:
            self.reached.add((tool.name, result.error.code))
            declared = {error.code for error in tool.errors}
            if result.crash:
                self.findings.error(
                    f"{place}.program", f"{tool.name}{args} crashed: {result.crash}", "Test for it and stop() with a declared error."
                )
            elif result.error.code not in declared | OURS:
                self.findings.error(
                    f"{place}.errors", f"{tool.name} gave the error {result.error.code}, which is not declared.", "Declare it under errors."
                )
        elif tool.name in self.returns and not self.returns[tool.name].is_valid(result.result):
            problem = next(iter(self.returns[tool.name].iter_errors(result.result))).message
            self.findings.error(
                f"{place}.returns", f"{tool.name}{args}: the result does not fit: {problem[:200]}", "Mend returns or the program."
            )

    def example(self, tool: Tool, error: DeclaredError, seeds: list[int]) -> bool:
        """Whether the declared example gives its error in some fresh world."""
        if error.example is None:
            return False
        for attempt in range(EXAMPLE_TRIES):
            seed = seeds[attempt % len(seeds)]
            rng = rng_for(seed, tool.name, error.code, attempt)
            world = self.machine.world(seed)
            scope = {name: rng.choice(list(rows.values())).values for name, rows in world.tables.items() if rows}
            try:
                args = holes.resolve(error.example, scope)
            except holes.MissingValue:
                return False
            result = self.machine.call(self.machine.state(seed), tool.name, args)
            if result.error and result.error.code == error.code:
                return True
        return False

    def arguments(self, tool: Tool, state: State, rng: random.Random) -> dict[str, Any]:
        """Arguments for one call: often a gold call's, bent in one place; else each drawn on its own."""
        properties: dict[str, Any] = tool.parameters.get("properties", {})
        used = self.gold.get(tool.name)
        if used and rng.random() < 0.5:
            args = dict(rng.choice(used))
            if args and rng.random() < 0.7:
                name = rng.choice(sorted(args))
                args[name] = self.value(tool, name, properties.get(name, {}), state, rng)
            return args
        required = set(tool.parameters.get("required", []))
        return {n: self.value(tool, n, schema, state, rng) for n, schema in properties.items() if n in required or rng.random() < 0.5}

    def value(self, tool: Tool, name: str, schema: dict[str, Any], state: State, rng: random.Random) -> Any:
        """One argument value."""
        if "ref" in schema and rng.random() < 0.95:
            rows = state.find(schema["ref"], {})
            if rows:
                return rng.choice(rows).values[self.machine.pack.tables[schema["ref"]].key]
        if "enum" in schema and rng.random() < 0.95:
            return rng.choice(schema["enum"])
        pool = [args[name] for args in self.gold.get(tool.name, []) if name in args]
        if pool and rng.random() < 0.6:
            return rng.choice(pool)
        return self._of_type(name, schema, state, rng)

    def _of_type(self, name: str, schema: dict[str, Any], state: State, rng: random.Random) -> Any:
        kind = schema.get("type", "string")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "integer":
            return rng.randint(int(schema.get("minimum", -5)), int(schema.get("maximum", 100_000)))
        if kind == "number":
            return round(rng.uniform(float(schema.get("minimum", -5)), float(schema.get("maximum", 1000))), 2)
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "array":
            return [self._of_type(name, schema.get("items", {}), state, rng) for _ in range(rng.randint(0, 3))]
        if kind == "object":
            return {n: self._of_type(n, s, state, rng) for n, s in schema.get("properties", {}).items()}
        return self._text(name, state, rng)

    def _text(self, name: str, state: State, rng: random.Random) -> str:
        """A text: a value of a column of that name, a date near today, or a word."""
        columns = [
            (table, column)
            for table, spec in self.machine.pack.tables.items()
            for column in spec.columns
            if column == name or name.endswith(f"_{column}")
        ]
        if columns and rng.random() < 0.7:
            table, column = rng.choice(columns)
            rows = state.find(table, {})
            if rows:
                value = rng.choice(rows).values[column]
                if isinstance(value, str):
                    return value
        if rng.random() < 0.5:
            day = add_days(state.base.now[:10], rng.randint(-40, 60))
            return day if rng.random() < 0.6 else f"{day}T{rng.randrange(24):02d}:{rng.choice((0, 15, 30, 45)):02d}"
        return rng.choice(["", "x", "moonlight", "A-0", "Zoë O'Neil", "0", "2026-13-45", "한글"])
