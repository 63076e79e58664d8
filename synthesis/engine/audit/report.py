"""What an audit says: findings, and figures that planning and pages use later."""

from collections.abc import Callable

import msgspec

from synthesis.engine.packs.findings import Finding

Told = Callable[[str, int, int], None]
"""Hears how far an audit is: the stage, how much of it is done, how much there is."""


def told_nobody(_stage: str, _done: int, _total: int) -> None:
    """For audits that nobody watches."""


class IntentFigures(msgspec.Struct):
    """How an intent fared: ``worlds`` in which it bound, ``distinct`` bindings, outcomes by kind, and reasons of those dropped."""

    worlds: int = 0
    distinct: int = 0
    complete: int = 0
    forbidden: int = 0
    dropped: dict[str, int] = {}


class AuditReport(msgspec.Struct):
    """The result of one audit. ``seeds`` are the world seeds that passed; ``variations`` how many of ``tried`` draws of each variation
    gave a scenario;
    ``fuzzed`` counts calls, ``writes`` those that changed something."""

    slug: str
    digest: str
    findings: list[Finding] = []
    seeds: list[int] = []
    variations: dict[str, int] = {}
    tried: int = 0
    intents: dict[str, IntentFigures] = {}
    fuzzed: int = 0
    writes: int = 0

    @property
    def errors(self) -> list[Finding]:
        """Findings that forbid publishing."""
        return [finding for finding in self.findings if finding.severity == "error"]

    @property
    def passed(self) -> bool:
        """Whether the pack may become a release."""
        return not self.errors


class Findings:
    """Collects findings, each place and problem once, at most ``most`` per place."""

    def __init__(self, most: int = 3) -> None:
        self.found: list[Finding] = []
        self.most = most
        self._places: dict[str, int] = {}

    def error(self, place: str, problem: str, remedy: str) -> None:
        """Add an error."""
        self._add(Finding(place, problem, remedy))

    def warning(self, place: str, problem: str, remedy: str) -> None:
        """Add a warning."""
        self._add(Finding(place, problem, remedy, severity="warning"))

    def _add(self, finding: Finding) -> None:
        if finding in self.found or self._places.get(finding.place, 0) >= self.most:
            return
        self._places[finding.place] = self._places.get(finding.place, 0) + 1
        self.found.append(finding)
