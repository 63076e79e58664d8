"""A pack that runs: its worlds seeded, its tools called, its checks asked, by way of its programs."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import msgspec

from synthesis.engine.packs.model import Pack, Tool
from synthesis.engine.randomness import rng_for
from synthesis.engine.tools import Requestor, ToolError
from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.host import Host, Stopped
from synthesis.engine.world.interpreter import Interpreter
from synthesis.engine.world.makers import Maker, NoMoreValues
from synthesis.engine.world.programs import Crash, Encoded, Programs
from synthesis.engine.world.rows import BaseWorld, Setting, Values
from synthesis.engine.world.state import BrokenConstraint, State, Tables
from synthesis.engine.world.values import validator_of

WORLDS_KEPT = 64
"""Base worlds kept per pack (about 0.5 MB each), least recently used out first."""
NO_SIMULATOR = "unavailable"
"""Error code of a call to a simulated tool where no model answers."""


class CallResult(msgspec.Struct, frozen=True):
    """What one tool call did: a result or an error, and the rows it changed. ``crash`` tells a pack fault behind an ``internal_error``."""

    result: Any = None
    error: ToolError | None = None
    delta: list[RowChange] = []
    crash: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the call succeeded."""
        return self.error is None


class Broken(msgspec.Struct, frozen=True):
    """A policy check that a call breaks; ``rule`` is the 0-based policy position or None."""

    check: str
    rule: int | None
    reason: str


class LoggedCall(msgspec.Struct, frozen=True):
    """A call as policy checks see it in ``log``; ``side`` says whose it was."""

    tool: str
    args: dict[str, Any]
    ok: bool
    result: Any = None
    error: str | None = None
    side: Requestor = "agent"


class Machine:
    """One pack's programs and worlds. Not for use by several threads at once."""

    def __init__(self, pack: Pack, interpreter: Interpreter) -> None:
        self.pack, self.interpreter = pack, interpreter
        self.host = Host()
        self.tables = Tables(pack)
        self.programs = Programs(pack, interpreter, self.host)
        self._worlds: dict[bytes, BaseWorld] = {}
        self._validators: dict[str, Any] = {}

    # worlds

    def world(self, seed: int, setting: Setting | None = None) -> BaseWorld:
        """The base world of ``seed`` in its ``setting``, from the cache or made. Raises Crash when seeding fails."""
        place = msgspec.json.encode([seed, setting], order="sorted")
        world = self._worlds.pop(place, None)
        if world is None:
            world = self._made(seed, setting)
            if len(self._worlds) >= WORLDS_KEPT:
                del self._worlds[next(iter(self._worlds))]
        self._worlds[place] = world
        return world

    def _made(self, seed: int, setting: Setting | None) -> BaseWorld:
        if setting is None or not setting.caller:
            return self.seeded(seed, setting.now if setting else "")
        world = self.world(seed, Setting(setting.now))
        try:
            return world.with_row(self.pack.caller.table, setting.caller, setting.values)
        except KeyError:
            raise Crash("setting", f"{self.pack.caller.table} has no row {setting.caller}") from None

    def state(self, seed: int, setting: Setting | None = None) -> State:
        """A fresh state over the base world of ``seed``."""
        return State(self.world(seed, setting), self.tables)

    def seeded(self, seed: int, now: str = "") -> BaseWorld:
        """The base world of ``seed``, made anew; all its days are counted from ``now``, if it is given. Raises Crash."""
        rng = rng_for(seed, "world", self.pack.slug)
        drawn = _now(rng)
        now = now or drawn
        empty = BaseWorld(self.pack.digest, seed, now, {name: [] for name in self.pack.tables}, {})
        state = State(empty, self.tables)
        maker = Maker(rng, now[:10], lambda table: sorted(state.overlay.get(table, {})))
        try:
            for name in self.pack.tables:
                self._make_rows(state, maker, name)
        except (BrokenConstraint, NoMoreValues, ValueError, LookupError) as error:
            raise Crash(f"tables.{name}", str(error)) from None
        # The seed program searches a lot: what the makers made becomes an indexed base first.
        state = State(self._frozen(state, seed, now), self.tables)
        if self.pack.seed:
            state.begin()
            self.host.frame(state, writes=True, rng=rng)
            try:
                self.programs.run("seed", self.pack.seed, "seed", [])
            except Stopped as stop:
                raise Crash("seed", f"called stop({stop})") from None
        return self._frozen(state, seed, now)

    def _frozen(self, state: State, seed: int, now: str) -> BaseWorld:
        """A base world with the content of ``state``."""
        rows = {
            name: [(str(row.values[table.key]), row.values) for row in state.find(name, {})] for name, table in self.pack.tables.items()
        }
        return BaseWorld(self.pack.digest, seed, now, rows, {**state.base.counters, **state.counters})

    def _make_rows(self, state: State, maker: Maker, name: str) -> None:
        table = self.pack.tables[name]
        if isinstance(table.rows, list):
            for values in table.rows:
                state.insert(name, values)
            return
        for number in range(1, table.rows + 1):
            row: Values = {}
            for column, spec in table.columns.items():
                if column == table.key:
                    row[column] = state.new_id(name)
                elif spec.make or (spec.ref and not spec.nullable):
                    row[column] = maker.value(name, column, spec, number, row)
            state.insert(name, row)

    # calls

    def schema_error(self, tool: Tool, args: Any) -> str | None:
        """Why ``args`` do not fit the tool's parameters, or None."""
        validator = self._validators.get(tool.name)
        if validator is None:
            validator = self._validators[tool.name] = validator_of(tool.parameters)
        if validator.is_valid(args):
            return None
        error = next(iter(validator.iter_errors(args)))
        where = ".".join(map(str, error.instance_path))
        return f"{where}: {error.message}" if where else str(error.message)

    def call(self, state: State, name: str, args: dict[str, Any]) -> CallResult:
        """Call a tool on ``state``. A refused, crashed or unknown call leaves the state as it was; nothing is raised."""
        tool = self.pack.tools.get(name)
        if tool is None:
            return CallResult(error=ToolError("unknown_tool", f"There is no tool named {name}."))
        wrong = self.schema_error(tool, args)
        if wrong:
            return CallResult(error=ToolError("invalid_arguments", wrong))
        if tool.simulated:
            return CallResult(error=ToolError(NO_SIMULATOR, "Nobody answers this tool here."))
        state.begin()
        self.host.frame(state, writes=tool.effect == "write", callers=self.pack.caller.table if tool.of_user else "")
        try:
            result = self.programs.run(f"tools.{name}.program", tool.program, "run", [args])
        except Stopped as stop:
            state.rollback()
            return CallResult(error=ToolError(stop.code[:64], stop.message[:1000]))
        except Crash as crash:
            state.rollback()
            return CallResult(error=ToolError("internal_error", "The tool failed."), crash=str(crash))
        return CallResult(result=result, delta=state.call_delta())

    # policy

    def broken(self, state: State, name: str, args: dict[str, Any], log: Sequence[LoggedCall]) -> list[Broken]:
        """The policy checks that calling ``name`` now would break. ``confirm`` checks need the talk and are not asked here; what the user
        does on its own side breaks none. Raises Crash."""
        tool = self.pack.tools.get(name)
        if tool is not None and tool.of_user:
            return []
        call = Encoded(msgspec.json.encode({"tool": name, "args": args}).decode())
        logged = Encoded(msgspec.json.encode(list(log)).decode())
        reasons = self.programs.reasons(state, call, logged)
        for check_id, check in self.pack.checks.items():
            if check.before:
                reasons[check_id] = _not_before(check.before, name, log)
            elif check.never and name in check.never:
                reasons[check_id] = f"{name} must never be called"
        return [
            Broken(check, self.pack.rule_broken_by(check), str(reasons[check]))
            for check in self.pack.checks
            if reasons.get(check) is not None
        ]

    def violated(self, state: State) -> str | None:
        """What the invariants say is broken, or None. Raises Crash."""
        if not self.pack.invariants:
            return None
        self.host.frame(state)
        reason = self.programs.ask("invariants", self.pack.invariants, "holds", [])
        return None if reason is None else str(reason)

    # intents

    def bind(
        self, state: State, intent_id: str, given: Mapping[str, Any], rng: random.Random, preference: bool = False
    ) -> dict[str, Any] | None:
        """Pick records for an intent; None when there are none. Raises Crash."""
        intent = self.pack.intents[intent_id]
        place, text = f"intents.{intent_id}.bind", intent.bind
        if preference:
            assert intent.preference is not None
            place, text = f"intents.{intent_id}.variations.preference.bind", intent.preference.bind
        self.host.frame(state, rng=rng)
        bound = self.programs.ask(place, text, "bind", [given])
        if bound is None:
            return None
        if not isinstance(bound, dict) or not isinstance(bound.get(self.pack.caller.name), dict):
            raise Crash(place, f"returned no dict with the row '{self.pack.caller.name}'; every bind returns its caller")
        return bound

    @cached_property
    def confirmed_tools(self) -> frozenset[str]:
        """Tools that need a yes first."""
        return frozenset(tool.name for tool in self.pack.tools.values() if tool.confirm)


def _not_before(pair: list[str], name: str, log: Sequence[LoggedCall]) -> str | None:
    first, then = pair
    if name == first or (then != "*" and then != name):
        return None
    return None if any(entry.tool == first and entry.ok for entry in log) else f"{name} came before a successful {first}"


def _now(rng: random.Random) -> str:
    """A working moment of the year: a weekday between 09:00 and 16:55."""
    moment = datetime(2026, 1, 12, tzinfo=UTC) + timedelta(days=rng.randrange(0, 330))
    while moment.weekday() > 4:
        moment += timedelta(days=1)
    return (moment + timedelta(minutes=rng.randrange(9 * 60, 17 * 60, 5))).strftime("%Y-%m-%dT%H:%M")


Loader = Callable[[str], Pack]
"""Gives the pack of a release digest. Raises LookupError when there is none."""
