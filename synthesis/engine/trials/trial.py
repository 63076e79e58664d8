"""A trial: calls made by hand in a seeded world. Its state is a fold over the calls so far, so every request carries them and nothing is
kept.

Calls that failed changed nothing, so they are not made again: a program that loops costs its deadline once.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from synthesis.engine.episode.ports import StateMismatch
from synthesis.engine.tools import Requestor, ToolError
from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.machine import Broken, LoggedCall, Machine
from synthesis.engine.world.programs import Crash
from synthesis.engine.world.rows import Setting
from synthesis.engine.world.state import State
from synthesis.engine.world.values import validator_of

MOST_FAULTS = 20
"""Schema violations that one outcome lists."""

Clock = Callable[[], float]


class PastCall(msgspec.Struct, frozen=True):
    """A call made before; ``error`` is the code it failed with, None when it succeeded."""

    tool: str
    args: dict[str, Any]
    error: str | None = None


class TrialWorld(msgspec.Struct, frozen=True):
    """The world of ``release`` with ``seed``, in its ``setting``, after the calls in ``past``."""

    release: str
    seed: int
    past: list[PastCall] = []
    setting: Setting | None = None


class SchemaFault(msgspec.Struct, frozen=True):
    """Where arguments do not fit the tool's parameters ("" for the whole), and why."""

    place: str
    message: str


class TrialOutcome(msgspec.Struct, frozen=True):
    """What one call did.

    ``crash`` tells the pack's fault behind an ``internal_error``; ``faults`` are violations of the parameters' schema; ``broken`` the
    policy checks that an agent making this call now would break (those that need the talk are not asked), ``check_crash`` why they could
    not be asked; ``delta`` the rows the call changed, ``changed`` how many rows differ from the seeded world after it, ``digest`` the state
    after it.
    """

    result: Any = None
    error: ToolError | None = None
    crash: str | None = None
    faults: list[SchemaFault] = []
    broken: list[Broken] = []
    check_crash: str | None = None
    delta: list[RowChange] = []
    changed: int = 0
    milliseconds: float = 0.0
    digest: str = ""


def fold(machine: Machine, world: TrialWorld) -> tuple[State, list[LoggedCall]]:
    """The state after the past calls, and the log that policy checks see. Raises Crash when the world cannot be seeded, StateMismatch when
    a call that succeeded does so no more."""
    state, log = machine.state(world.seed, world.setting), list[LoggedCall]()
    for number, past in enumerate(world.past, 1):
        if past.error is not None:
            log.append(LoggedCall(past.tool, past.args, False, None, past.error, side_of(machine, past.tool)))
            continue
        result = machine.call(state, past.tool, past.args)
        if result.error:
            raise StateMismatch(f"call {number} ({past.tool}) gave {result.error.code}, and succeeded before")
        log.append(LoggedCall(past.tool, past.args, True, result.result, None, side_of(machine, past.tool)))
    return state, log


def side_of(machine: Machine, tool: str) -> Requestor:
    """Whose tool it is."""
    spec = machine.pack.tools.get(tool)
    return spec.requestor if spec else "agent"


def play(machine: Machine, world: TrialWorld, tool: str, args: dict[str, Any], clock: Clock) -> TrialOutcome:
    """Make one call after the past ones."""
    state, log = fold(machine, world)
    return call(machine, state, log, tool, args, clock)


def script(machine: Machine, world: TrialWorld, calls: Sequence[tuple[str, dict[str, Any]]], clock: Clock) -> list[TrialOutcome]:
    """Make several calls, one after the other."""
    state, log = fold(machine, world)
    outcomes = []
    for tool, args in calls:
        outcome = call(machine, state, log, tool, args, clock)
        error = outcome.error.code if outcome.error else None
        log.append(LoggedCall(tool, args, error is None, outcome.result, error, side_of(machine, tool)))
        outcomes.append(outcome)
    return outcomes


def call(machine: Machine, state: State, log: Sequence[LoggedCall], tool: str, args: dict[str, Any], clock: Clock) -> TrialOutcome:
    """Make one call on ``state``, asking every policy check before."""
    faults = schema_faults(machine, tool, args)
    broken, check_crash = ([], None) if faults else _broken(machine, state, log, tool, args)
    started = clock()
    result = machine.call(state, tool, args)
    milliseconds = (clock() - started) * 1000
    return TrialOutcome(
        result=result.result,
        error=result.error,
        crash=result.crash,
        faults=faults,
        broken=broken,
        check_crash=check_crash,
        delta=result.delta,
        changed=len(state.net_delta()),
        milliseconds=milliseconds,
        digest=state.digest(),
    )


def schema_faults(machine: Machine, tool: str, args: dict[str, Any]) -> list[SchemaFault]:
    """Every place where ``args`` do not fit; none for a tool that is not there."""
    spec = machine.pack.tools.get(tool)
    if spec is None or machine.schema_error(spec, args) is None:
        return []
    errors = validator_of(spec.parameters).iter_errors(args)
    return [
        SchemaFault(".".join(map(str, e.instance_path)), str(e.message)[:500]) for e, _ in zip(errors, range(MOST_FAULTS), strict=False)
    ]


def _broken(machine: Machine, state: State, log: Sequence[LoggedCall], tool: str, args: dict[str, Any]) -> tuple[list[Broken], str | None]:
    try:
        return machine.broken(state, tool, args, log), None
    except Crash as crash:
        return [], str(crash)
