"""Judges as calibrations need them: put before any log, they say what they make of it."""

import contextlib
import random
from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from judging.engine.assessment import FinishedEpisode
from judging.engine.judges.programmatic import Judged
from judging.engine.judges.spec import JudgeSpec
from judging.engine.rubric import Rubric
from judging.engine.slips import REASONS, caught
from judging.selectors.trust import judge_known
from judging.services import JudgeBench, judge_bench
from judging.services.calibrations import Finding
from judging.services.model_judging import ModelBench
from studio.pipelines.model_room import ModelRoom
from studio.pipelines.run_judge import Asking, bench_of
from synthesis.engine.chat.waiting import Patience
from synthesis.engine.episode.ports import Worlds
from synthesis.engine.packs.model import Pack
from synthesis.services.database import DatabaseThread


class Examiner(Protocol):
    """A judge that can be put before any log."""

    def at_work(self) -> contextlib.AbstractAsyncContextManager[object]:
        """Within this it can be asked."""

    async def examine(self, item: FinishedEpisode, kind: str, worlds: Worlds, packs: Mapping[str, Pack]) -> Finding:
        """What it makes of a damaged play; ``kind`` is the damage, by which alone it is told whether the reason was named.

        ``item.episode`` is a key of the damaged play, below 0: it is no episode of the studio. Raises Parked and Stopped.
        """


class CheckExaminer:
    """The programmatic judge."""

    def __init__(self, bench: JudgeBench) -> None:
        self.bench = bench

    def at_work(self) -> contextlib.AbstractAsyncContextManager[object]:
        """It needs nothing."""
        return contextlib.nullcontext()

    async def examine(self, item: FinishedEpisode, kind: str, worlds: Worlds, packs: Mapping[str, Pack]) -> Finding:
        """See the port."""
        [assessment] = await self.bench.assess(items=[item], worlds=worlds, packs=packs.__getitem__)
        return _finding(assessment.judged, caught(kind, assessment.judged.results))


class ModelExaminer:
    """A model judge or a panel, without the bounds of the checks: within them nearly all damage is found, whatever a model says, and one
    that always passes would look as good as one that reads (decision 0029).
    """

    def __init__(self, bench: ModelBench, patience: Patience | None = None) -> None:
        self.bench, self.patience = bench, patience
        self.checks = judge_bench()
        self.room: ModelRoom | None = None
        self.rng = random.SystemRandom()

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """With models that can be asked, outside of any run's budget."""
        async with DatabaseThread("examine") as database, ModelRoom(database, None, self.patience) as self.room:
            yield
        self.room = None

    async def examine(self, item: FinishedEpisode, kind: str, worlds: Worlds, packs: Mapping[str, Pack]) -> Finding:
        """See the port. Named: a hard criterion failed that the checks for this damage would have bounded."""
        case, _ = await self.checks.examine(item=item, worlds=worlds, packs=packs.__getitem__)
        judged = await self.bench.alone(case, item.episode, Asking(self.room, item.episode), self.rng)
        return _finding(judged, bool(concerned(kind, self.bench.rubric) & set(judged.hard)))


def concerned(kind: str, rubric: Rubric) -> set[str]:
    """The criteria that a kind of damage is about: those bounded by a check that names its reason."""
    return {criterion.id for criterion in rubric.criteria if REASONS[kind] & criterion.caps.keys()}


def _finding(judged: Judged, named: bool) -> Finding:
    return Finding(
        passed=judged.passed and not judged.hard,
        named=named,
        overall=judged.overall,
        fallen=judged.hard,
        reason=judged.error or (judged.failure.reason if judged.failure else ""),
        error=judged.error is not None,
    )


def examiner_of(judge_version: str) -> Examiner | None:
    """The judge of this version, where it can be put to work: not when its code, prompt, model or rubric is no longer the same."""
    row = judge_known(judge_version)
    if row is None or row.kind == "programmatic":
        checks = judge_bench(row.rubric_version.digest if row else "")
        return CheckExaminer(checks) if checks.judge_version == judge_version else None
    bench = bench_known(judge_version)
    return ModelExaminer(bench) if bench else None


def bench_known(judge_version: str) -> ModelBench | None:
    """The model judge or panel of this version, where it can be put to work as it was."""
    row = judge_known(judge_version)
    if row is None or row.kind == "programmatic":
        return None
    spec = JudgeSpec("panel" if row.kind == "panel" else "model", list(row.identity.get("endpoints", [])), row.rubric_version.digest)
    bench = bench_of(spec) if spec.endpoints else None
    return bench if bench and bench.judge_version == judge_version else None
