"""Fuzzing tools with drawn arguments (``world.arguments``): crashes, broken invariants, errors nobody declared or reached."""

import random
from typing import Any

from synthesis.engine.audit.report import AuditReport, Findings, Told, told_nobody
from synthesis.engine.packs import holes
from synthesis.engine.packs.model import DeclaredError, Tool
from synthesis.engine.randomness import rng_for
from synthesis.engine.world.arguments import ArgumentDraws
from synthesis.engine.world.machine import CallResult, Machine
from synthesis.engine.world.state import State
from synthesis.engine.world.values import validator_of

CALLS_PER_WORLD = 80
EXAMPLE_TRIES = 40
OURS = {"invalid_arguments", "internal_error"}


def audit_tools(
    machine: Machine,
    seeds: list[int],
    findings: Findings,
    gold: dict[str, list[dict[str, Any]]],
    report: AuditReport,
    told: Told = told_nobody,
) -> None:
    """Fuzz every tool; report crashes, broken invariants, undeclared or unreached errors and results that do not fit ``returns``."""
    fuzzer = _Fuzzer(machine, findings, gold)
    for position, seed in enumerate(seeds):
        told("tools", position, len(seeds))
        fuzzer.world(seed, report)
    for position, tool in enumerate(machine.pack.tools.values()):
        for error in () if tool.simulated else tool.errors:
            if (tool.name, error.code) not in fuzzer.reached and not fuzzer.example(tool, error, seeds):
                place = f"tools.{position}.errors"
                findings.error(
                    place,
                    f"{tool.name}: nothing reached the error {error.code}.",
                    "Give an example whose arguments lead to it in a fresh world, or remove it.",
                )


class _Fuzzer:
    def __init__(self, machine: Machine, findings: Findings, gold: dict[str, list[dict[str, Any]]]) -> None:
        self.machine, self.findings = machine, findings
        self.draws = ArgumentDraws(machine.pack, gold)
        self.reached: set[tuple[str, str]] = set()
        self.positions = {name: i for i, name in enumerate(machine.pack.tools)}
        self.returns = {t.name: validator_of(t.returns) for t in machine.pack.tools.values() if t.returns}

    def world(self, seed: int, report: AuditReport) -> None:
        """A sequence of calls on one world, writes adding up."""
        rng = rng_for(seed, "fuzz")
        state = self.machine.state(seed)
        tools = [tool for tool in self.machine.pack.tools.values() if not tool.simulated]
        for _ in range(CALLS_PER_WORLD):
            tool = rng.choice(tools)
            args = self.draws.arguments(tool, state, rng)
            state.caller = self.somebody(state, rng) if tool.of_user else ""
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

    def somebody(self, state: State, rng: random.Random) -> str:
        """Whoever uses a tool of the user's side: any caller there is."""
        table = self.machine.pack.caller.table
        callers = state.find(table, {})
        return str(rng.choice(callers).values[self.machine.pack.tables[table].key]) if callers else ""

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
            state = self.machine.state(seed)
            state.caller = self.somebody(state, rng) if tool.of_user else ""
            result = self.machine.call(state, tool.name, args)
            if result.error and result.error.code == error.code:
                return True
        return False
