"""Starlark programs through starlark-pyo3: compile, lint, run with a deadline and a call-stack limit.

Runs in whatever process calls it; the isolation (address space, killing) is ``synthesis.adapters.sandbox``.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence

import starlark

from synthesis.engine.world.interpreter import Complaint, Program, ProgramError, ProgramTimeout, Source

CALL_STACK = 60
"""Frames: recursion to about 50 works, runaway recursion ends in microseconds."""
LINTS_OFF = frozenset({"unused-argument", "missing-return"})
"""Rules that are off: programs take arguments they need not use, and a check returns None by ending."""

_DIALECT = starlark.Dialect.extended()
_DIALECT.enable_f_strings = True
_DIALECT.enable_load = False
_GLOBALS = starlark.Globals.extended_by([starlark.LibraryExtension.Json, starlark.LibraryExtension.Map, starlark.LibraryExtension.Filter])
_FRAME = re.compile(r"^ *\* (?P<source>[^\n:]+):(?P<line>\d+), in", re.MULTILINE)
_NOT_THE_AUTHORS = frozenset({"prelude", "entry"})
_PLACE = re.compile(r"^ *--> (?P<source>[^\n:]+):(?P<line>\d+):", re.MULTILINE)


class StarlarkInterpreter:
    """The interpreter port. ``seconds`` of processor time, of the calling thread, are what one call may take; checked while it runs.

    Not time on the wall: a program does nothing but compute, and how long that takes on a busy machine says nothing about the program.
    """

    def __init__(self, seconds: float = 2.0) -> None:
        self.seconds = seconds

    def compile(self, sources: Sequence[Source], entry: str, host: Mapping[str, Callable[..., object]], parameters: int) -> Program:
        """See the port."""
        module = starlark.Module()
        for name, function in host.items():
            module.add_callable(name, function)
        names = [f"a{i}" for i in range(parameters)]
        call = ", ".join(f"json.decode({name})" for name in names)
        shim = Source("entry", f"def entry({', '.join(names)}):\n    return encoded({entry}({call}))\n")
        try:
            for source in [*sources, shim]:
                starlark.eval(module, starlark.parse(source.name, source.text, _DIALECT), _GLOBALS)
            frozen = module.freeze()
        except starlark.StarlarkError as error:
            raise program_error(error) from None
        return _Compiled(frozen, self.seconds)

    def lint(self, source: Source) -> list[Complaint]:
        """See the port."""
        try:
            lints = starlark.parse(source.name, source.text, _DIALECT).lint()
        except starlark.StarlarkError as error:
            raise program_error(error) from None
        kept = [lint for lint in lints if lint.short_name not in LINTS_OFF]
        return [Complaint(lint.resolved_location.span.begin.line + 1, lint.problem) for lint in kept]


class _Compiled:
    def __init__(self, module: starlark.FrozenModule, seconds: float) -> None:
        self.module, self.seconds = module, seconds
        self.ends_at = 0.0
        self.options = starlark.EvalOptions(check_cancelled=self._late, max_callstack_size=CALL_STACK)

    def _late(self) -> bool:
        return time.thread_time() > self.ends_at

    def __call__(self, *arguments: str) -> str:
        self.ends_at = time.thread_time() + self.seconds
        try:
            return str(self.module.call_with(self.options, "entry", *arguments).value)
        except starlark.StarlarkError as error:
            if self._late():
                raise ProgramTimeout(f"computed for longer than {self.seconds:g} s") from None
            raise program_error(error) from None


def program_error(error: Exception) -> ProgramError:
    """A Starlark error as one line, with the place where it happened."""
    text = str(error)
    places = [m for m in (*_FRAME.finditer(text), *_PLACE.finditer(text)) if m["source"] not in _NOT_THE_AUTHORS]
    match = places[-1] if places else None
    message = next(
        (line.removeprefix("error: ") for line in text.splitlines() if line.startswith("error:")),
        text.splitlines()[0] if text else "failed",
    )
    return ProgramError(message[:500], match["source"] if match else "", int(match["line"]) if match else 0)
