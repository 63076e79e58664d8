"""One episode's private worlds: calls with faults, refolding from a log, verification by replay. Plain and synchronous."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from synthesis.engine.episode.ports import CallRecord, Settled, StateMismatch, Verification, VerifiedCall, was_executed
from synthesis.engine.episode.views import View
from synthesis.engine.faults.plan import FaultPlan, executes, is_spoilt, spoil
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.scenario import OfferedTool, Scenario
from synthesis.engine.simulation.answers import BadAnswer
from synthesis.engine.simulation.fidelity import Answered, Rehearsed, rehearsed
from synthesis.engine.simulation.looking import look, seen_by
from synthesis.engine.simulation.taking import Taken, take
from synthesis.engine.tools import Requestor, Simulation, ToolCall, ToolError, ToolOutcome
from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.delta import Comparison, joint_digest, placed
from synthesis.engine.world.machine import CallResult, LoggedCall, Machine
from synthesis.engine.world.programs import Crash
from synthesis.engine.world.state import BrokenConstraint, State

Machines = Callable[[str], Machine]
"""Gives the machine of a release digest."""


class EpisodeWorld:
    """The worlds of one scenario as one episode changes them. Tools of other domains act on their own world, made when first needed."""

    def __init__(self, scenario: Scenario, machines: Machines) -> None:
        self.scenario, self.machines = scenario, machines
        self.offered = {tool.name: tool for tool in scenario.tools}
        self.user_side = {tool.name: tool for tool in scenario.user_tools}
        self.refs = {ref.domain: ref for ref in scenario.worlds}
        self.states: dict[str, State] = {}
        self.faults = FaultPlan(scenario.faults)
        self.past: list[CallRecord] = []
        self.state_of(scenario.domain)

    def machine_of(self, domain: str) -> Machine:
        """The machine of one of the scenario's domains."""
        return self.machines(self.refs[domain].release)

    def state_of(self, domain: str) -> State:
        """The state of one of the scenario's domains."""
        if domain not in self.states:
            ref = self.refs[domain]
            self.states[domain] = self.machine_of(domain).state(ref.seed, ref.setting)
            self.states[domain].caller = self.scenario.callers.get(domain, "")
        return self.states[domain]

    def digest(self) -> str:
        """The own world's state digest; where a call changed another domain's world, a digest over all that changed."""
        own = self.states[self.scenario.domain].digest()
        others = {domain: state.digest() for domain, state in self.states.items() if domain != self.scenario.domain and state.net_delta()}
        return joint_digest(own, others)

    def delta(self) -> list[RowChange]:
        """The net delta over all worlds; tables of other domains are called ``domain.table``."""
        return [change for domain, state in self.states.items() for change in self._placed(domain, state.net_delta())]

    def _placed(self, domain: str, changes: list[RowChange]) -> list[RowChange]:
        return placed(changes, domain, self.scenario.domain)

    def past_of(self, domain: str) -> list[CallRecord]:
        """The calls so far of tools of ``domain``: all that a simulator there knows of."""
        return [r for r in self.past if (offered := self.tool_of(r.call.name, r.requestor)) and offered.domain == domain]

    def execute(self, offered: OfferedTool, arguments: dict[str, Any]) -> CallResult:
        """Run the tool's program, faults aside."""
        return self.machine_of(offered.domain).call(self.state_of(offered.domain), offered.tool, arguments)

    def tool_of(self, name: str, requestor: Requestor) -> OfferedTool | None:
        """The tool that this side may call under ``name``; None where it has none."""
        return (self.offered if requestor == "agent" else self.user_side).get(name)

    def call(self, call: ToolCall, requestor: Requestor = "agent") -> ToolOutcome:
        """Execute a call as the episode's agent, or the user on its own side, makes it, fault included."""
        outcome = self._called(call, requestor)
        self._remember(call, outcome, requestor)
        return outcome

    def _remember(self, call: ToolCall, outcome: ToolOutcome, requestor: Requestor = "agent") -> None:
        self.past.append(CallRecord(call, outcome, was_executed(outcome), requestor))

    def _refused(self, name: str, requestor: Requestor) -> ToolError:
        """Why this side has no such tool."""
        if requestor == "agent" and name in self.user_side:
            return ToolError("wrong_side", f"{name} is on the user's own side: ask the user to do it.")
        if requestor == "user" and name in self.offered:
            return ToolError(
                "wrong_side", f"{name} is a tool of the agent's: ask the agent. Your own: {', '.join(self.user_side) or 'none'}."
            )
        names = ", ".join(self.offered if requestor == "agent" else self.user_side)
        return ToolError("unknown_tool", f"There is no tool named {name[:64]}. Tools: {names}.")

    def _called(self, call: ToolCall, requestor: Requestor) -> ToolOutcome:
        offered = self.tool_of(call.name, requestor)
        if offered is None:
            return ToolOutcome(error=self._refused(call.name, requestor), digest=self.digest())
        fault = self.faults.strike(call.name)
        effect = self.machine_of(offered.domain).pack.tools[offered.tool].effect
        if not executes(fault, effect):
            assert fault is not None
            return spoil(fault, ToolOutcome(digest=self.digest()))
        result = self.execute(offered, call.arguments)
        delta = [msgspec.to_builtins(change) for change in self._placed(offered.domain, result.delta)]
        outcome = ToolOutcome(result=result.result, error=result.error, delta=delta, digest=self.digest())
        return spoil(fault, outcome) if fault else outcome

    def view(self, call: ToolCall, everything: bool = False) -> View | None:
        """See the port ``OpenWorld``."""
        offered = self.offered.get(call.name)
        if offered is None:
            return None
        machine = self.machine_of(offered.domain)
        tool = machine.pack.tools[offered.tool]
        if not (tool.simulated or everything) or not executes(self.faults.ahead(call.name), tool.effect):
            return None
        if machine.schema_error(tool, call.arguments):
            return None
        return look(machine.pack, self.state_of(offered.domain), seen_by(tool, machine.pack), call.arguments, self.past_of(offered.domain))

    def settle(self, call: ToolCall, answer: Any, simulation: Simulation, everything: bool = False) -> Settled:
        """See the port ``OpenWorld``."""
        offered = self.offered[call.name]
        machine, state = self.machine_of(offered.domain), self.state_of(offered.domain)
        if answer is None:
            taken = Taken(error=ToolError("internal_error", "The tool failed."))
        else:
            try:
                taken = take(
                    machine, state, seen_by(machine.pack.tools[offered.tool], machine.pack), call, answer, self.past_of(offered.domain)
                )
            except BadAnswer as bad:
                return Settled(problem=str(bad))
        fault = self.faults.strike(call.name)
        delta = [msgspec.to_builtins(change) for change in self._placed(offered.domain, taken.delta)]
        told = msgspec.structs.replace(simulation, notes=taken.notes)
        outcome = ToolOutcome(taken.result, taken.error, delta, digest=self.digest(), simulation=told)
        outcome = spoil(fault, outcome) if fault else outcome
        self._remember(call, outcome)
        return Settled(outcome)

    def rehearse(self, call: ToolCall, answer: Any) -> Rehearsed:
        """A simulator's ``answer`` to ``call`` beside what the program does, both on copies of the present state: nothing is changed."""
        offered = self.offered[call.name]
        machine, state = self.machine_of(offered.domain), self.state_of(offered.domain)
        tool = machine.pack.tools[offered.tool]
        real = machine.call(state.copy(), offered.tool, call.arguments)
        program = Answered(real.result, real.error, real.delta)
        try:
            taken = take(machine, state.copy(), seen_by(tool, machine.pack), call, answer, self.past_of(offered.domain))
        except BadAnswer as bad:
            return Rehearsed(program, problem=str(bad))
        return rehearsed(machine.pack, program, Answered(taken.result, taken.error, taken.delta))

    def apply(self, offered: OfferedTool, delta: Sequence[dict[str, Any]]) -> None:
        """Make the recorded changes of a simulated call again. Raises BrokenConstraint when they do not fit the state."""
        prefix = "" if offered.domain == self.scenario.domain else f"{offered.domain}."
        changes = [msgspec.convert(change, RowChange) for change in delta]
        state = self.state_of(offered.domain)
        state.begin()
        try:
            state.apply([msgspec.structs.replace(change, table=change.table.removeprefix(prefix)) for change in changes])
        except BrokenConstraint:
            state.rollback()
            raise

    def refold(self, past: Sequence[CallRecord]) -> None:
        """Repeat the calls of a log; what a simulator changed is taken from it. Raises StateMismatch when a digest comes out different."""
        for record in past:
            offered = self.tool_of(record.call.name, record.requestor)
            if offered is not None:
                self.faults.strike(record.call.name)
                self._repeat(offered, record)
            self.past.append(record)
            if record.outcome.digest and self.digest() != record.outcome.digest:
                raise StateMismatch(f"after call {record.call.id} ({record.call.name}) the refolded state differs from the log's")

    def _repeat(self, offered: OfferedTool, record: CallRecord) -> None:
        if record.outcome.simulation is not None:
            try:
                self.apply(offered, record.outcome.delta)
            except BrokenConstraint as broken:
                raise StateMismatch(f"the changes of call {record.call.id} ({record.call.name}) cannot be made: {broken}") from None
        elif record.executed:
            self.execute(offered, record.call.arguments)


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
    call, offered = record.call, world.tool_of(record.call.name, record.requestor)
    if offered is None:
        known = record.outcome.error is not None and record.outcome.error.code in {"unknown_tool", "wrong_side"}
        return VerifiedCall(call.id, known, [], world.digest(), "no such tool")
    machine = world.machine_of(offered.domain)
    tool, log = machine.pack.tools[offered.tool], logs.setdefault(offered.domain, [])
    schema_error = machine.schema_error(tool, call.arguments)
    broken, crash = _broken(machine, world, offered, call, log) if schema_error is None else ([], None)
    if record.outcome.simulation is not None:
        return _retold(world, offered, record, log, broken, schema_error, crash)
    result = world.execute(offered, call.arguments) if record.executed else CallResult(error=record.outcome.error)
    seen = result.ok and not is_spoilt(record.outcome.result)
    error = result.error.code if result.error else None
    log.append(LoggedCall(offered.tool, call.arguments, seen, result.result if seen else None, error, record.requestor))
    same = record.outcome.fault is not None or (result.result == record.outcome.result and result.error == record.outcome.error)
    return VerifiedCall(call.id, same, broken, world.digest(), schema_error, crash)


def _retold(
    world: EpisodeWorld,
    offered: OfferedTool,
    record: CallRecord,
    log: list[LoggedCall],
    broken: list[dict[str, Any]],
    schema_error: str | None,
    crash: str | None,
) -> VerifiedCall:
    """A call that a model answered: nobody is asked again, its recorded changes are made. They may be what no state allows."""
    call, outcome, same = record.call, record.outcome, True
    try:
        world.apply(offered, outcome.delta)
    except BrokenConstraint:
        same = False
    seen = outcome.ok and not is_spoilt(outcome.result)
    error = outcome.error.code if outcome.error else None
    log.append(LoggedCall(offered.tool, call.arguments, seen, outcome.result if seen else None, error, record.requestor))
    return VerifiedCall(call.id, same, broken, world.digest(), schema_error, crash, simulated=True)


def _broken(
    machine: Machine, world: EpisodeWorld, offered: OfferedTool, call: ToolCall, log: list[LoggedCall]
) -> tuple[list[dict[str, Any]], str | None]:
    """Policy checks that the call breaks; a check that crashes is a fault of the pack and is told apart."""
    try:
        return [msgspec.to_builtins(b) for b in machine.broken(world.state_of(offered.domain), offered.tool, call.arguments, log)], None
    except Crash as crash:
        return [], str(crash)
