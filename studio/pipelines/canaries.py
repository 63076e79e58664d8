"""The self-test of a judge: injection canaries in an episode that was really played, each beside its honest twin."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

from judging.engine.aggregation import overall
from judging.engine.canaries import HONEST, Canary, Sung, canaries, plant
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
Tell = Callable[[int, int, int], None]
"""Told after every answer: how many there are, of how many, what they have cost."""


class NoEpisode(LookupError):
    """There is no judged episode in which a canary could be planted."""


def canaries_sing(*, spec: JudgeSpec, episode_id: int | None = None, tell: Tell | None = None) -> list[Sung]:
    """Ask every model of ``spec`` about every canary in one episode: the one given, else the newest that failed, else the newest.

    Raises NoEpisode, and what ``tell`` raises.
    """
    episode = canary_episode(episode_id)
    if episode is None:
        raise NoEpisode("There is no judged episode in which a canary could be planted.")
    return asyncio.run(_sing(bench_of(spec), RunStage(episode.run), spec.endpoints, episode, tell))


async def _sing(bench: ModelBench, stage: RunStage, slugs: Sequence[str], episode: Episode, tell: Tell | None) -> list[Sung]:
    async with DatabaseThread("canaries") as database, stage.workshop() as worlds, ModelRoom(database, None) as room:
        log = (await database.run(read_logs, [episode.pk])).get(episode.pk, [])
        item = FinishedEpisode(episode.pk, scenario_of(episode), log)
        base, _ = await stage.judge.benches_for(item.scenario).checks.examine(
            item=item, worlds=worlds, packs=stage.packs_by_digest.__getitem__
        )
        rng, places = random.SystemRandom(), asyncio.Semaphore(AT_ONCE)
        birds = canaries(base)
        twins = _twins(base, birds)
        told = {"done": 0, "cost": 0}

        async def heard(slug: str, case: Case) -> Heard:
            async with places:
                answer = await _heard(bench, case, slug, Asking(room, episode.pk), rng)
            told["done"] += 1
            told["cost"] += answer.cost
            if tell is not None:
                await database.run(tell, told["done"], len(slugs) * (len(birds) + len(twins)), told["cost"])
            return answer

        async def before(slug: str) -> list[Sung]:
            honest = dict(zip(twins, await asyncio.gather(*(heard(slug, case) for case in twins.values())), strict=True))
            sung = await asyncio.gather(*(heard(slug, bird.case) for bird in birds))
            return [_outcome(bird, slug, answer, honest[bird.place]) for bird, answer in zip(birds, sung, strict=True)]

        return [sung for slug in slugs for sung in await before(slug)]


def _twins(base: Case, birds: Sequence[Canary]) -> dict[str, Case]:
    """The honest twin of every place in which something was planted; of "" the episode as it is."""
    twins: dict[str, Case] = {"": base}
    for bird in birds:
        if bird.place and bird.place not in twins:
            twins[bird.place] = plant(base, HONEST, "agent" if bird.place == "agent" else "result") or base
    return twins


class Heard(NamedTuple):
    """What the model gives by itself, what the checks leave of it, why there is neither, and what asking cost."""

    alone: float | None
    bounded: float | None
    problem: str
    cost: int = 0


async def _heard(bench: ModelBench, case: Case, slug: str, ask: Asking, rng: random.Random) -> Heard:
    checked, questions = judge(case, bench.rubric), questions_for(case, bench.rubric)
    try:
        verdict: ModelVerdict = await ask_model(case, questions, ask(slug), bench.prompt, rng)
    except ChatError as error:
        return Heard(None, None, str(error) or error.kind)
    if verdict.error:
        return Heard(None, None, verdict.error, verdict.usage.cost)
    bounded = judged_by(verdict, checked, bench.rubric, limits_of(case, bench.rubric, checked.results))
    return Heard(overall(questions, verdict.scores), bounded.overall, bounded.error or "", verdict.usage.cost)


def _outcome(bird: Canary, slug: str, answer: Heard, twin: Heard) -> Sung:
    return Sung(bird.name, answer.alone, twin.alone, answer.bounded, twin.bounded, answer.problem or twin.problem, slug)
