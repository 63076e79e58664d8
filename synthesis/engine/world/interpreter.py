"""The port to the program interpreter, and how programs fail.

The engine knows programs only as ``compile(...) -> Program`` and ``program(text) -> text``; the Starlark adapter is
``synthesis.adapters.starlark``. Values cross as JSON text (measured five times faster than objects).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol


class Source(NamedTuple):
    """One piece of program text; ``name`` stands in error messages."""

    name: str
    text: str


class ProgramError(Exception):
    """A program does not compile or crashed. ``line`` is 1-based in the source ``source``, 0 when unknown."""

    def __init__(self, message: str, source: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message, self.source, self.line = message, source, line


class ProgramTimeout(ProgramError):
    """A program ran longer than its deadline."""


class Complaint(NamedTuple):
    """What a linter says of a source: ``line`` is 1-based."""

    line: int
    message: str


class Program(Protocol):
    """A compiled program: JSON texts of the arguments in, JSON text of the result out.

    Raises ProgramError, ProgramTimeout, or whatever a host function raised as ``HostStop`` (see ``host``).
    """

    def __call__(self, *arguments: str) -> str:
        """Run."""


class Interpreter(Protocol):
    """Compiles programs."""

    def compile(self, sources: Sequence[Source], entry: str, host: Mapping[str, Callable[..., object]], parameters: int) -> Program:
        """Compile ``sources`` one after the other into one module and return its function ``entry`` of ``parameters`` arguments.

        ``host`` are functions that programs may call. Raises ProgramError.
        """

    def lint(self, source: Source) -> list[Complaint]:
        """What looks wrong in ``source``. Raises ProgramError when it does not parse."""
