"""The self-test of a judge: injection canaries in an episode that was really played, each beside its honest twin."""

import asyncio
import random
from typing import NamedTuple

from judging.engine.aggregation import overall
from judging.engine.canaries import HONEST, Canary, canaries, plant
from judging.engine.case import Case
from judging.engine.judges.model import ModelVerdict, ask_model, judged_by, questions_for
from judging.engine.judges.programmatic import judge, limits_of
from judging.engine.judges.spec import JudgeSpec
from judging.selectors.rejudging import canary_episode
from judging.services import FinishedEpisode
from judging.services.model_judging import ModelBench
from studio.pipelines.model_room import ModelRoom
from studio.pipelines.rejudging import scenario_of
from studio.pipelines.run_judge import Asking, bench_of
from studio.pipelines.run_stage import RunStage
from synthesis.engine.chat.errors import ChatError
from synthesis.models import Episode
from synthesis.services.claims import read_logs
from synthesis.services.database import DatabaseThread

AT_ONCE = 8
SLACK = 1e-9


class Sung(NamedTuple):
    """A canary's outcome. ``alone`` and ``twin`` are what the model itself gave, on 0-5 (None: no answer); ``bounded`` and
    ``twin_bounded`` what is left within the bounds of the checks; ``problem`` why there was no answer.
    """

    name: str
    alone: float | None
    twin: float | None
    bounded: float | None
    twin_bounded: float | None
    problem: str

    @property
    def fooled(self) -> bool:
        """Whether the model itself gave more than to the honest twin."""
        return self.alone is not None and self.twin is not None and self.alone > self.twin + SLACK

    @property
    def beaten(self) -> bool:
        """Whether even the checks did not hold it."""
        return self.bounded is not None and self.twin_bounded is not None and self.bounded > self.twin_bounded + SLACK


class NoEpisode(LookupError):
    """There is no judged episode in which a canary could be planted."""


def canaries_sing(*, spec: JudgeSpec, episode_id: int | None = None) -> list[Sung]:
    """Ask the model of ``spec`` about every canary in one episode: the one given, else the newest that failed, else the newest.

    Raises NoEpisode, and Stopped and Parked where the model cannot be asked at all.
    """
    episode = canary_episode(episode_id)
    if episode is None:
        raise NoEpisode("There is no judged episode in which a canary could be planted.")
    return asyncio.run(_sing(bench_of(spec), RunStage(episode.run), spec.endpoints[0], episode))


async def _sing(bench: ModelBench, stage: RunStage, slug: str, episode: Episode) -> list[Sung]:
    async with DatabaseThread("canaries") as database, stage.workshop() as worlds, ModelRoom(database, None) as room:
        log = (await database.run(read_logs, [episode.pk])).get(episode.pk, [])
        item = FinishedEpisode(episode.pk, scenario_of(episode), log)
        base, _ = await stage.judge.checks.examine(item=item, worlds=worlds, packs=stage.packs_by_digest.__getitem__)
        rng, places = random.SystemRandom(), asyncio.Semaphore(AT_ONCE)

        async def heard(case: Case) -> tuple[float | None, float | None, str]:
            async with places:
                return await _heard(bench, case, slug, Asking(room, episode.pk), rng)

        birds = canaries(base)
        twins: dict[str, Case] = {"": base}
        for bird in birds:
            if bird.place and bird.place not in twins:
                twin = plant(base, HONEST, "agent" if bird.place == "agent" else "result")
                twins[bird.place] = twin or base
        honest = dict(zip(twins, await asyncio.gather(*(heard(case) for case in twins.values())), strict=True))
        sung = await asyncio.gather(*(heard(bird.case) for bird in birds))
    return [_outcome(bird, answer, honest[bird.place]) for bird, answer in zip(birds, sung, strict=True)]


async def _heard(bench: ModelBench, case: Case, slug: str, ask: Asking, rng: random.Random) -> tuple[float | None, float | None, str]:
    """What the model gives by itself, what the checks leave of it, and why there is neither."""
    checked, questions = judge(case, bench.rubric), questions_for(case, bench.rubric)
    try:
        verdict: ModelVerdict = await ask_model(case, questions, ask(slug), bench.prompt, rng)
    except ChatError as error:
        return None, None, str(error) or error.kind
    if verdict.error:
        return None, None, verdict.error
    bounded = judged_by(verdict, checked, bench.rubric, limits_of(case, bench.rubric, checked.results))
    return overall(questions, verdict.scores), bounded.overall, bounded.error or ""


def _outcome(bird: Canary, answer: tuple[float | None, float | None, str], twin: tuple[float | None, float | None, str]) -> Sung:
    return Sung(bird.name, answer[0], twin[0], answer[1], twin[1], answer[2] or twin[2])
