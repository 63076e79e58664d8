"""A pack's programs: compiled when they are first needed, run on the host's present frame."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from synthesis.engine.packs.model import Pack
from synthesis.engine.world.host import Host, NotAllowed, Stopped
from synthesis.engine.world.interpreter import Interpreter, Program, ProgramError, ProgramTimeout, Source
from synthesis.engine.world.query import BadQuery
from synthesis.engine.world.state import BrokenConstraint, State
from synthesis.engine.world.values import BadValue, decode_result

PRELUDE = Source("prelude", Path(__file__).with_name("prelude.star").read_text("utf-8"))
_CRASHES = (ProgramError, BadQuery, BrokenConstraint, NotAllowed, BadValue, AttributeError, TypeError, KeyError, ValueError, OverflowError)
_TOP_LEVEL = re.compile(r"^(?:def )?(\w+) *[(=]", re.MULTILINE)


class Encoded(str):
    """An argument that is JSON text already."""

    __slots__ = ()


class Crash(Exception):
    """A program of the pack failed: a fault of the pack, never of the caller. ``place`` is where in the pack, ``line`` 1-based there."""

    def __init__(self, place: str, message: str, line: int = 0) -> None:
        super().__init__(f"{place}{f' line {line}' if line else ''}: {message}")
        self.place, self.message, self.line = place, message, line

    @property
    def said(self) -> str:
        """The message, with the line of the program where it is known."""
        return f"line {self.line}: {self.message}" if self.line else self.message


class Programs:
    """The programs of one pack. ``run`` and ``ask`` act on the frame that ``host`` was given last."""

    def __init__(self, pack: Pack, interpreter: Interpreter, host: Host) -> None:
        self.pack, self.interpreter, self.host = pack, interpreter, host
        self._functions = host.functions()
        self._programs: dict[str, Program] = {}
        self._checks: Program | None = None

    def _compiled(self, place: str, text: str, entry: str, parameters: int) -> Program:
        program = self._programs.get(place)
        if program is None:
            sources = [PRELUDE, Source("helpers", self.pack.helpers), Source(place, text)]
            try:
                program = self.interpreter.compile(sources, entry, self._functions, parameters)
            except ProgramError as error:
                raise Crash(error.source if error.source == "helpers" else place, error.message, error.line) from None
            self._programs[place] = program
        return program

    def run(self, place: str, text: str, entry: str, arguments: Sequence[Any]) -> Any:
        """Run a program, known by its ``place`` in the pack, on the host's present frame. Raises Stopped or Crash."""
        program = self._compiled(place, text, entry, len(arguments))
        try:
            return decode_result(program(*(a if isinstance(a, Encoded) else Encoded(msgspec.json.encode(a).decode()) for a in arguments)))
        except ProgramTimeout as error:
            raise Crash(place, error.message) from None
        except _CRASHES as error:
            cause = self.host.failure or error
            if isinstance(cause, Stopped):
                raise cause from None
            line = error.line if isinstance(error, ProgramError) and error.source == place else 0
            raise Crash(place, str(cause), line) from None

    def compile_all(self) -> list[Crash]:
        """Compile everything the pack holds; the faults found."""
        faults = []
        for place, text, entry, parameters in self.every():
            try:
                self._compiled(place, text, entry, parameters)
            except Crash as crash:
                faults.append(crash)
        return faults

    def every(self) -> list[tuple[str, str, str, int]]:
        """Every program: place in the pack, text, entry function, number of parameters."""
        found = [(f"tools.{t.name}.program", t.program, "run", 1) for t in self.pack.tools.values() if not t.simulated]
        found += [(f"checks.{name}", c.program, "check", 2) for name, c in self.pack.checks.items() if c.program]
        for intent in self.pack.intents.values():
            found.append((f"intents.{intent.id}.bind", intent.bind, "bind", 1))
            if intent.preference:
                found.append((f"intents.{intent.id}.variations.preference.bind", intent.preference.bind, "bind", 1))
        if self.pack.seed:
            found.append(("seed", self.pack.seed, "seed", 0))
        if self.pack.invariants:
            found.append(("invariants", self.pack.invariants, "holds", 0))
        return found

    def ask(self, place: str, text: str, entry: str, arguments: Sequence[Any]) -> Any:
        """Run a program that may not stop. Raises Crash."""
        try:
            return self.run(place, text, entry, arguments)
        except Stopped as stop:
            raise Crash(place, f"called stop({stop}); only tools may stop") from None

    def reasons(self, state: State, call: Encoded, log: Encoded) -> dict[str, Any]:
        """What the check programs say of a call on ``state``, by check. Raises Crash.

        All run in one go, since crossing into the interpreter costs more than most checks; when that fails, each runs alone, so that a
        crash names its check.
        """
        programs = {check_id: check.program for check_id, check in self.pack.checks.items() if check.program}
        if not programs:
            return {}
        self.host.frame(state)
        try:
            if self._checks is None:
                self._checks = self._compiled_checks(programs)
            return dict(zip(programs, decode_result(self._checks(call, log)), strict=True))
        except (Crash, Stopped, *_CRASHES):
            reasons = {}
            for check_id, text in programs.items():
                self.host.frame(state)
                reasons[check_id] = self.ask(f"checks.{check_id}", text, "check", [call, log])
            return reasons

    def _compiled_checks(self, programs: Mapping[str, str]) -> Program:
        """One program that asks every check: each text defines ``check`` anew and is kept under a name of its own.

        Raises ProgramError, also when two texts define another function or value of the same name, which would then mean the same in both.
        """
        names = [name for text in programs.values() for name in {m[1] for m in _TOP_LEVEL.finditer(text)} - {"check"}]
        if len(names) != len(set(names)):
            raise ProgramError("checks share names")
        sources = [PRELUDE, Source("helpers", self.pack.helpers)]
        for i, (check_id, text) in enumerate(programs.items()):
            sources += [Source(f"checks.{check_id}", text), Source("checks", f"check_{i} = check\n")]
        asked = ", ".join(f"check_{i}(call, log)" for i in range(len(programs)))
        sources.append(Source("checks", f"def ask_all(call, log): return [{asked}]\n"))
        return self.interpreter.compile(sources, "ask_all", self._functions, 2)
