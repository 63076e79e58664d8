"""What a check is: a small pure function over a case, registered under an id, that holds, is broken, or does not apply."""

from collections.abc import Callable
from typing import Literal

import msgspec

from judging.engine.case import Case

Party = Literal["scenario", "user", "agent", "tool", "judge", "infrastructure"]
Severity = Literal["critical", "major", "minor"]
"""critical: the outcome is wrong or somebody was harmed; major: right only by luck, or not usable for training; minor: clumsy. Minor ones
cost points but do not fail an episode.
"""


class Verdict(msgspec.Struct, frozen=True):
    """What a check function says. ``value`` (0-1) grades a check that holds, for criteria of degree. None fields take the check's
    defaults.
    """

    passed: bool
    reason: str = ""
    evidence: list[int] = []
    value: float = 1.0
    party: Party | None = None
    tag: str | None = None


class CheckResult(msgspec.Struct, frozen=True):
    """One check of one episode. ``passed`` None: not applicable. ``evidence`` are event numbers, the first one where it went wrong
    first.
    """

    id: str
    passed: bool | None
    reason: str
    evidence: list[int]
    party: Party
    tag: str
    severity: Severity
    value: float = 1.0

    @property
    def failed(self) -> bool:
        """Whether it applies and is broken."""
        return self.passed is False


class Check(msgspec.Struct, frozen=True):
    """A registered check: its function, what it asks in one line, and whom and what a break names."""

    id: str
    question: str
    party: Party
    tag: str
    severity: Severity
    function: Callable[[Case], Verdict | None]

    def run(self, case: Case) -> CheckResult:
        """Ask it of ``case``. What the function raises passes through: that is the judge's failure, not the episode's."""
        verdict = self.function(case)
        if verdict is None:
            return CheckResult(self.id, None, "", [], self.party, self.tag, self.severity)
        party, tag = verdict.party or self.party, verdict.tag or self.tag
        evidence = list(dict.fromkeys(verdict.evidence))
        return CheckResult(self.id, verdict.passed, verdict.reason, evidence, party, tag, self.severity, verdict.value)


def held(reason: str = "", evidence: list[int] | None = None, value: float = 1.0) -> Verdict:
    """The check holds."""
    return Verdict(True, reason, evidence or [], value)


def broken(reason: str, evidence: list[int], *, party: Party | None = None, tag: str | None = None, value: float = 0.0) -> Verdict:
    """The check is broken, at ``evidence``."""
    return Verdict(False, reason, sorted(evidence), value, party, tag)


def listed(things: list[str], most: int = 3) -> str:
    """The first few of ``things`` in one phrase."""
    more = f" and {len(things) - most} more" if len(things) > most else ""
    return "; ".join(things[:most]) + more
