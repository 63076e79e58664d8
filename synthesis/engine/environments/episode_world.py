"""One episode's private worlds: calls with faults, refolding from a log, verification by replay. Plain and synchronous."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from synthesis.engine.episode.ports import CallRecord, StateMismatch, Verification, VerifiedCall
from synthesis.engine.faults.plan import FaultPlan, executes, is_spoilt, spoil
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.scenario import OfferedTool, Scenario
from synthesis.engine.tools import ToolCall, ToolError, ToolOutcome
from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.delta import Comparison
from synthesis.engine.world.machine import CallResult, Crash, LoggedCall, Machine
from synthesis.engine.world.state import State

Machines = Callable[[str], Machine]
"""Gives the machine of a release digest."""


class EpisodeWorld:
    """The worlds of one scenario as one episode changes them. Tools of other domains act on their own world, made when first needed."""

    def __init__(self, scenario: Scenario, machines: Machines) -> None:
        self.scenario, self.machines = scenario, machines
        self.offered = {tool.name: tool for tool in scenario.tools}
        self.refs = {ref.domain: ref for ref in scenario.worlds}
        self.states: dict[str, State] = {}
        self.faults = FaultPlan(scenario.faults)
        self.state_of(scenario.domain)

    def machine_of(self, domain: str) -> Machine:
        """The machine of one of the scenario's domains."""
        return self.machines(self.refs[domain].release)

    def state_of(self, domain: str) -> State:
        """The state of one of the scenario's domains."""
        if domain not in self.states:
            self.states[domain] = self.machine_of(domain).state(self.refs[domain].seed)
        return self.states[domain]

    def digest(self) -> str:
        """The own world's state digest; where a call changed another domain's world, a digest over all that changed."""
        own = self.states[self.scenario.domain].digest()
        others = {domain: state.digest() for domain, state in self.states.items() if domain != self.scenario.domain and state.net_delta()}
        return own if not others else hashlib.sha256(msgspec.json.encode([own, others], order="sorted")).hexdigest()

    def delta(self) -> list[RowChange]:
        """The net delta over all worlds; tables of other domains are called ``domain.table``."""
        return [self._placed(domain, change) for domain, state in self.states.items() for change in state.net_delta()]

    def _placed(self, domain: str, change: RowChange) -> RowChange:
        return change if domain == self.scenario.domain else msgspec.structs.replace(change, table=f"{domain}.{change.table}")

    def execute(self, offered: OfferedTool, arguments: dict[str, Any]) -> CallResult:
        """Run the tool's program, faults aside."""
        return self.machine_of(offered.domain).call(self.state_of(offered.domain), offered.tool, arguments)

    def call(self, call: ToolCall) -> ToolOutcome:
        """Execute a call as the episode's agent makes it, fault included."""
        offered = self.offered.get(call.name)
        if offered is None:
            names = ", ".join(self.offered)
            return ToolOutcome(
                error=ToolError("unknown_tool", f"There is no tool named {call.name[:64]}. Tools: {names}."), digest=self.digest()
            )
        fault = self.faults.strike(call.name)
        effect = self.machine_of(offered.domain).pack.tools[offered.tool].effect
        if not executes(fault, effect):
            assert fault is not None
            return spoil(fault, ToolOutcome(digest=self.digest()))
        result = self.execute(offered, call.arguments)
        delta = [msgspec.to_builtins(self._placed(offered.domain, change)) for change in result.delta]
        outcome = ToolOutcome(result=result.result, error=result.error, delta=delta, digest=self.digest())
        return spoil(fault, outcome) if fault else outcome

    def refold(self, past: Sequence[CallRecord]) -> None:
        """Repeat the calls of a log. Raises StateMismatch when a digest comes out different."""
        for record in past:
            offered = self.offered.get(record.call.name)
            if offered is not None:
                self.faults.strike(record.call.name)
                if record.executed:
                    self.execute(offered, record.call.arguments)
            if record.outcome.digest and self.digest() != record.outcome.digest:
                raise StateMismatch(f"after call {record.call.id} ({record.call.name}) the refolded state differs from the log's")


def verify(scenario: Scenario, machines: Machines, calls: Sequence[CallRecord]) -> Verification:
    """Replay an episode's calls in a fresh world, asking every policy check before each call."""
    world = EpisodeWorld(scenario, machines)
    logs: dict[str, list[LoggedCall]] = {}
    verified = [_verified(world, record, logs) for record in calls]
    packs: dict[str, Pack] = {domain: world.machine_of(domain).pack for domain in world.refs}
    delta = world.delta()
    differences = Comparison(packs, scenario.domain).differences(scenario.expected, delta)
    return Verification(verified, delta, world.digest(), not differences, differences)


def _verified(world: EpisodeWorld, record: CallRecord, logs: dict[str, list[LoggedCall]]) -> VerifiedCall:
    call, offered = record.call, world.offered.get(record.call.name)
    if offered is None:
        known = record.outcome.error is not None and record.outcome.error.code == "unknown_tool"
        return VerifiedCall(call.id, known, [], world.digest(), "no such tool")
    machine = world.machine_of(offered.domain)
    tool, log = machine.pack.tools[offered.tool], logs.setdefault(offered.domain, [])
    schema_error = machine.schema_error(tool, call.arguments)
    broken, crash = _broken(machine, world, offered, call, log) if schema_error is None else ([], None)
    result = world.execute(offered, call.arguments) if record.executed else CallResult(error=record.outcome.error)
    seen = result.ok and not is_spoilt(record.outcome.result)
    log.append(LoggedCall(offered.tool, call.arguments, seen, result.result if seen else None, result.error.code if result.error else None))
    same = record.outcome.fault is not None or (result.result == record.outcome.result and result.error == record.outcome.error)
    return VerifiedCall(call.id, same, broken, world.digest(), schema_error, crash)


def _broken(
    machine: Machine, world: EpisodeWorld, offered: OfferedTool, call: ToolCall, log: list[LoggedCall]
) -> tuple[list[dict[str, Any]], str | None]:
    """Policy checks that the call breaks; a check that crashes is a fault of the pack and is told apart."""
    try:
        return [msgspec.to_builtins(b) for b in machine.broken(world.state_of(offered.domain), offered.tool, call.arguments, log)], None
    except Crash as crash:
        return [], str(crash)
