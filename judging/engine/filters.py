"""Gates: which judged episodes become rows, each removal counted and explained."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from judging.engine.dedup import Deduplicator
from judging.engine.nearness import Nearness

GATES: tuple[str, ...] = (
    "valid", "review", "checks", "hard", "quality", "floor", "exact_duplicate", "structural_duplicate", "semantic_duplicate",
)  # fmt: skip
"""In the order in which they are asked."""
ON_REQUEST = frozenset({"review", "floor", "semantic_duplicate"})
"""Gates that not every rule or run knows: counts tell of them when they removed something."""
REVIEWED = {"drop": "a reviewer dropped it", "fix": "a reviewer says it must be fixed first"}
"""Reasons of the gate ``review``."""


class Rule(msgspec.Struct, frozen=True):
    """A dataset's rule. ``threshold`` is the least overall quality (0-5), ``floors`` the least value of single criteria by slug.

    ``domains``, ``variations`` and ``languages`` say which episodes are asked about at all; empty: all of them.
    """

    threshold: float = 4.5
    passed_only: bool = True
    duplicates: bool = False
    """Whether duplicates are kept."""
    floors: dict[str, float] = {}
    domains: list[str] = []
    variations: list[str] = []
    languages: list[str] = []
    reviewed: bool = False
    """Whether only episodes are asked about that somebody has reviewed."""
    meaning: str = ""
    """Slug of the endpoint whose embeddings tell what says the same in other words; "" for none."""
    alike: float = 0.95
    """From which cosine on that is so."""

    def body(self) -> dict[str, object]:
        """The rule as it is stored and digested: what is empty is left out, so that a rule keeps its name when rules learn to say more."""
        more: dict[str, object] = {
            "floors": self.floors,
            "domains": self.domains,
            "variations": self.variations,
            "languages": self.languages,
        }
        if self.meaning:
            more |= {"meaning": self.meaning, "alike": self.alike}
        always = {"threshold": self.threshold, "passed_only": self.passed_only, "duplicates": self.duplicates}
        more |= {"reviewed": self.reviewed}
        return always | {name: value for name, value in more.items() if value}


class Candidate(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the gates ask about one judged episode; a few hundred bytes, never the trajectory.

    ``low`` is the criterion below its floor. ``human`` is what the newest sealed review decided: keep, fix, drop, or "" for none; left out
    of digests where it is "", so that a dataset without reviews keeps the digest it always had.
    """

    index: int
    flaw: str
    passed: bool
    failure: str
    overall: float | None
    hard_fails: list[str]
    exact: str
    structural: str
    low: str = ""
    human: str = ""


class Decision(msgspec.Struct, frozen=True):
    """What became of a candidate: kept, or removed by ``gate`` for ``reason`` (``twin``: the index kept in its place)."""

    index: int
    gate: str = ""
    reason: str = ""
    twin: int | None = None


class Tally:
    """Counts what each gate removed, by reason."""

    def __init__(self) -> None:
        self.offered = self.kept = 0
        self.quality = 0.0
        self.removed: dict[str, dict[str, int]] = {gate: {} for gate in GATES}

    def add(self, candidate: Candidate, decision: Decision) -> None:
        """Count one decision."""
        self.offered += 1
        if decision.gate:
            reasons = self.removed[decision.gate]
            reasons[decision.reason] = reasons.get(decision.reason, 0) + 1
        else:
            self.kept += 1
            self.quality += candidate.overall or 0.0

    @property
    def mean_quality(self) -> float | None:
        """Mean overall score of kept rows, rounded to 3 places."""
        return round(self.quality / self.kept, 3) if self.kept else None

    def counts(self) -> dict[str, Any]:
        """``{offered, kept, gates: {gate: {removed, reasons}}}``, reasons by falling count."""
        gates = {
            gate: {"removed": sum(reasons.values()), "reasons": dict(sorted(reasons.items(), key=_by_count))}
            for gate, reasons in self.removed.items()
            if reasons or gate not in ON_REQUEST
        }
        return {"offered": self.offered, "kept": self.kept, "gates": gates}


def _by_count(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def sift(candidates: Iterable[Candidate], rule: Rule, tally: Tally, near: Nearness | None = None) -> Iterator[tuple[Candidate, Decision]]:
    """Ask every gate of every candidate. Candidates must come best first: by falling ``overall`` (None last), then by index.

    Streams: of what went by, only digests of kept rows are remembered. ``near`` finds what says the same in other words, where that is
    wanted and known.
    """
    duplicates = Deduplicator()
    for candidate in candidates:
        decision = _decide(candidate, rule) or _unlike(candidate, rule, duplicates, near)
        tally.add(candidate, decision)
        yield candidate, decision


def _decide(candidate: Candidate, rule: Rule) -> Decision | None:
    if candidate.flaw:
        return Decision(candidate.index, "valid", candidate.flaw)
    if candidate.human:
        # A person outranks checks and judges, in both directions.
        return None if candidate.human == "keep" else Decision(candidate.index, "review", REVIEWED[candidate.human])
    if rule.passed_only and not candidate.passed:
        return Decision(candidate.index, "checks", candidate.failure or "failed")
    if candidate.overall is None:
        return Decision(candidate.index, "quality", "not judged")
    if candidate.hard_fails:
        return Decision(candidate.index, "hard", ", ".join(candidate.hard_fails))
    if candidate.overall < rule.threshold:
        return Decision(candidate.index, "quality", f"overall below {rule.threshold:g}")
    if candidate.low:
        return Decision(candidate.index, "floor", f"{candidate.low} below {rule.floors[candidate.low]:g}")
    return None


def _unlike(candidate: Candidate, rule: Rule, duplicates: Deduplicator, near: Nearness | None) -> Decision:
    if rule.duplicates:
        return Decision(candidate.index)
    twin = duplicates.find(candidate.exact, candidate.structural) or (near.twin(candidate.exact) if near else None)
    if twin:
        return Decision(candidate.index, twin.gate, twin.reason, twin.index)
    duplicates.keep(candidate.index, candidate.exact, candidate.structural)
    if near:
        near.keep(candidate.index, candidate.exact)
    return Decision(candidate.index)
