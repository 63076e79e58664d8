"""Model judges and panels at work: a bench that asks endpoints about a case, beside what the checks found."""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from django.db import transaction

from judging.engine.assessment import Assessment
from judging.engine.case import Case
from judging.engine.judges.model import JudgePrompt, ModelVerdict, ask_model, judged_by, questions_for
from judging.engine.judges.panel import Split, combined
from judging.engine.judges.programmatic import Judged, judge, limits_of
from judging.engine.judges.spec import JudgeSpec
from judging.engine.judges.versions import Member, model_version
from judging.engine.rubric import Rubric
from judging.models import RubricVersion
from judging.selectors.rubrics import rubric_of, rubric_version
from judging.services.judgements import Bench, JudgeBench, code_digest, judgements_write
from judging.services.rubrics import catalog_install
from synthesis.engine.chat.errors import ChatError, Parked, Stopped
from synthesis.engine.chat.model import ChatModel, Usage
from synthesis.models import ModelEndpoint

PARSER = ("judging/engine/judges",)
ANSWERS_KEPT = 2000
"""Answers of members that are remembered while another member cannot be asked: nobody pays for them twice."""

Asking = Callable[[str], ChatModel]
"""Gives the model at an endpoint, by slug."""


class ModelJudge:
    """One model judge or panel with any rubric, published or not. Stores nothing. Get it from ``model_judge``."""

    def __init__(self, spec: JudgeSpec, rubric: Rubric, prompt: JudgePrompt, members: Sequence[Member]) -> None:
        self.spec, self.rubric, self.prompt = spec, rubric, prompt
        self.judge_version, self.identity = model_version(spec.kind, rubric, prompt, members, code_digest(*PARSER))

    async def examine(self, case: Case, checked: Assessment, ask: Asking, rng: random.Random) -> Assessment:
        """The judge's view of ``case``, bounded by the checks; its own failure is an error in it.

        Raises Parked and Stopped, since the same question may be answered later.
        """
        by_checks = judge(case, self.rubric)
        if by_checks.error:
            return checked.by(by_checks, [], Usage(attempts=0))
        limits = limits_of(case, self.rubric, by_checks.results)
        questions = questions_for(case, self.rubric)
        verdict, splits = await self._asked(case, checked.episode, questions, ask, rng) if questions.criteria else (ModelVerdict([]), [])
        return checked.by(judged_by(verdict, by_checks, self.rubric, limits), splits, verdict.usage)

    async def alone(self, case: Case, key: int, ask: Asking, rng: random.Random) -> Judged:
        """What the models themselves make of ``case``, without the bounds of the checks: how far they see on their own. ``key`` names the
        case among all that this judge is asked about. Raises Parked and Stopped.
        """
        return (await self.unbounded(case, key, ask, rng))[0]

    async def unbounded(self, case: Case, key: int, ask: Asking, rng: random.Random) -> tuple[Judged, list[Split], Usage]:
        """The same with how the members of a panel stand to each criterion, and what asking took."""
        questions = questions_for(case, self.rubric)
        verdict, splits = await self._asked(case, key, questions, ask, rng) if questions.criteria else (ModelVerdict([]), [])
        return judged_by(verdict, Judged([], [], None, True, [], 0.0, None), self.rubric), splits, verdict.usage

    async def _asked(
        self, case: Case, episode: int, questions: Rubric, ask: Asking, rng: random.Random
    ) -> tuple[ModelVerdict, list[Split]]:
        answers = [self._member(case, episode, slug, questions, ask, rng) for slug in self.spec.endpoints]
        verdicts: list[ModelVerdict] = []
        later: list[BaseException] = []
        for answer in await asyncio.gather(*answers, return_exceptions=True):
            if isinstance(answer, BaseException):
                later.append(answer)
            else:
                verdicts.append(answer)
        if later:
            # Somebody who has to act comes before a moment that has to come.
            raise next((error for error in later if not isinstance(error, Parked)), later[0])
        for slug in self.spec.endpoints:
            _ANSWERS.pop((self.judge_version, episode, slug), None)
        if self.spec.kind == "model":
            return verdicts[0], []
        panel = combined(verdicts, questions)
        return panel.verdict, panel.splits

    async def _member(self, case: Case, episode: int, slug: str, questions: Rubric, ask: Asking, rng: random.Random) -> ModelVerdict:
        key = (self.judge_version, episode, slug)
        if (kept := _ANSWERS.get(key)) is not None:
            return kept
        try:
            verdict = await ask_model(case, questions, ask(slug), self.prompt, rng)
        except (Parked, Stopped):
            raise
        except ChatError as error:
            return ModelVerdict([], Usage(attempts=0), f"{slug}: {error}")
        if verdict.error:
            return msgspec.structs.replace(verdict, error=f"{slug}: {verdict.error}")
        _ANSWERS[key] = verdict
        while len(_ANSWERS) > ANSWERS_KEPT:
            _ANSWERS.popitem(last=False)
        return verdict


class ModelBench(Bench, ModelJudge):
    """One model judge or panel with a published rubric, whose answers can be stored. Get it from ``model_bench``."""

    def __init__(self, spec: JudgeSpec, version: RubricVersion, prompt: JudgePrompt, members: Sequence[Member]) -> None:
        ModelJudge.__init__(self, spec, rubric_of(version), prompt, members)
        Bench.__init__(self, spec.kind, version, self.judge_version, self.identity)


_ANSWERS: OrderedDict[tuple[str, int, str], ModelVerdict] = OrderedDict()


def model_bench(*, spec: JudgeSpec, prompt: JudgePrompt, endpoints: Mapping[str, ModelEndpoint]) -> ModelBench:
    """The judge that ``spec`` describes, with the rubric it names, or the one for judges by default, published if it was not yet.

    An endpoint that is no longer there is found missing when it is asked. Raises RubricMissing.
    """
    version = rubric_version(spec.rubric) if spec.rubric else catalog_install(slug="judges")
    return ModelBench(spec, version, prompt, [_member_of(slug, endpoints.get(slug)) for slug in spec.endpoints])


def model_judge(*, spec: JudgeSpec, rubric: Rubric, prompt: JudgePrompt, endpoints: Mapping[str, ModelEndpoint]) -> ModelJudge:
    """The judge that ``spec`` describes, with a rubric that need not be published."""
    return ModelJudge(spec, rubric, prompt, [_member_of(slug, endpoints.get(slug)) for slug in spec.endpoints])


def _member_of(slug: str, row: ModelEndpoint | None) -> Member:
    return Member(slug, row.model if row else "", dict(row.parameters) if row else {})


class Benches(NamedTuple):
    """Who judges an episode under one rubric: the checks, and beside them the model judge or panel where there is one."""

    checks: JudgeBench
    model: ModelBench | None = None

    @property
    def deciding(self) -> Bench:
        """Whose judgement decides, unless it fails."""
        return self.model or self.checks


class Examined(NamedTuple):
    """An episode as the checks see it, and as a model judge does where there is one."""

    by: Benches
    checked: Assessment
    judged: Assessment | None = None


def examined_write(*, examined: Sequence[Examined]) -> int:
    """Store what was examined, in one transaction; returns how many judgements of the run's own judges were new.

    They decide; where one failed the checks do, and its error stands beside them.
    """
    with transaction.atomic():
        return sum(_write(by, [item for item in examined if item.by == by]) for by in dict.fromkeys(item.by for item in examined))


def _write(benches: Benches, examined: Sequence[Examined]) -> int:
    judged = [item.judged for item in examined if item.judged is not None]
    sound = {assessment.episode for assessment in judged if not assessment.judged.error}
    left = {item.checked.episode for item in examined} - sound
    new = judgements_write(assessments=[item.checked for item in examined], bench=benches.checks, deciding=left)
    if benches.model is None:
        return new
    return judgements_write(assessments=judged, bench=benches.model, deciding=sound)
