"""Findings: what is wrong with a pack, where, and how to mend it."""

from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One fault of a pack.

    ``place`` is a path in the file such as ``tools.find_owner.program`` (with a line of the program where known), ``line`` the 1-based
    line in
    the file (0 when unknown), ``problem`` what is wrong and ``remedy`` how to mend it. Errors forbid publishing; warnings do not.
    """

    place: str
    problem: str
    remedy: str
    line: int = 0
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        at = f"line {self.line}, " if self.line else ""
        return f"{self.severity}: {at}{self.place}: {self.problem} {self.remedy}"


class PackError(ValueError):
    """A pack that cannot be read. ``findings`` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings
