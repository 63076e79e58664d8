"""What a rule would keep: every gate asked of what judging has stored, nothing judged anew, nothing written."""

from collections.abc import Iterator, Sequence

import msgspec

from judging.engine.filters import Candidate, Rule, Tally, sift
from judging.selectors.candidates import Traits, candidates, sources_of
from synthesis.models import Run

STEPS = 50
"""Bars of the histogram: a tenth of a point each, the last one including 5.0."""


class WhatIf(msgspec.Struct):
    """``mix`` counts kept rows by trait and value; ``kept`` and ``removed`` count episodes by tenths of their overall score."""

    tally: Tally
    mix: dict[str, dict[str, int]]
    kept: list[int]
    removed: list[int]

    @property
    def unscored(self) -> int:
        """Episodes that no histogram shows: their judge failed."""
        return self.tally.offered - sum(self.kept) - sum(self.removed)


def what_if(*, runs: Sequence[Run], rule: Rule) -> WhatIf:
    """What ``rule`` would make of ``runs``, by the very code that would make it, duplicates and all."""
    found = WhatIf(Tally(), {name: {} for name in Traits._fields}, [0] * STEPS, [0] * STEPS)
    traits: dict[int, Traits] = {}

    def offered() -> Iterator[Candidate]:
        for row in candidates(sources_of(runs), rule, traits=True):
            assert row.traits is not None
            traits[row.candidate.index] = row.traits
            yield row.candidate

    for candidate, decision in sift(offered(), rule, found.tally):
        of_it = traits.pop(candidate.index)
        if candidate.overall is not None:
            bar = min(int(candidate.overall * 10 + 1e-9), STEPS - 1)
            (found.removed if decision.gate else found.kept)[bar] += 1
        if not decision.gate:
            for name, value in zip(Traits._fields, of_it, strict=True):
                found.mix[name][str(value)] = found.mix[name].get(str(value), 0) + 1
    found.mix = {name: dict(sorted(counted.items())) for name, counted in found.mix.items()}
    return found
