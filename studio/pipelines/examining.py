"""Judges as calibrations need them: put before any log, they say what they make of it."""

from collections.abc import Mapping
from typing import Protocol

from judging.engine.assessment import FinishedEpisode
from judging.engine.slips import caught
from judging.services import JudgeBench, judge_bench
from judging.services.calibrations import Finding
from synthesis.engine.episode.ports import Worlds
from synthesis.engine.packs.model import Pack


class Examiner(Protocol):
    """A judge that can be put before any log."""

    async def examine(self, item: FinishedEpisode, kind: str, worlds: Worlds, packs: Mapping[str, Pack]) -> Finding:
        """What it makes of a damaged play; ``kind`` is the damage, by which alone it is told whether the reason was named."""


class CheckExaminer:
    """The programmatic judge."""

    def __init__(self, bench: JudgeBench) -> None:
        self.bench = bench

    async def examine(self, item: FinishedEpisode, kind: str, worlds: Worlds, packs: Mapping[str, Pack]) -> Finding:
        """See the port."""
        [assessment] = await self.bench.assess(items=[item], worlds=worlds, packs=packs.__getitem__)
        judged = assessment.judged
        return Finding(
            passed=judged.passed and not judged.hard,
            named=caught(kind, judged.results),
            overall=judged.overall,
            fallen=judged.hard,
            reason=judged.error or (judged.failure.reason if judged.failure else ""),
            error=judged.error is not None,
        )


def examiner_of(judge_version: str) -> Examiner | None:
    """The judge of this version, where it can be put to work: not when its code, prompt or rubric is no longer the same."""
    bench = judge_bench()
    return CheckExaminer(bench) if bench.judge_version == judge_version else None
