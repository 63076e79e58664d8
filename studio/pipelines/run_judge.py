"""Who judges a run: the checks always, and a model or a panel where the run says so."""

import random
from collections.abc import Mapping, Sequence

from judging.engine.judges.model import JudgePrompt
from judging.engine.judges.spec import JudgeSpec
from judging.services import FinishedEpisode, judge_bench
from judging.services.model_judging import Benches, Examined, ModelBench, examined_write, model_bench
from studio.pipelines.model_room import ModelRoom
from synthesis.engine.chat.model import ChatModel
from synthesis.engine.episode.ports import Worlds
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.selectors import endpoints, prompts
from synthesis.services.playing import Played


def bench_of(spec: JudgeSpec, pins: Mapping[str, str] | None = None) -> ModelBench:
    """The model judge or panel of ``spec``, with the prompts that a run was started with (its ``pins``), or as they are now: another prompt
    makes another judge, and each judgement says which.
    """
    return model_bench(spec=spec, prompt=judge_prompt(pins), endpoints=endpoints.by_slug(spec.endpoints))


def judge_prompt(pins: Mapping[str, str] | None = None) -> JudgePrompt:
    """The judge's prompt that ``pins`` name, or as it is now."""
    return JudgePrompt(*(prompts.pinned(pins or {}, name).text for name in ("judge", "judge_rules")))


class RunJudge:
    """The judge of one run, over its packs: one for each rubric that its episodes are to answer. ``room`` is where models are asked, while
    a slice is at work. Reads the database when it is made, never afterwards.
    """

    def __init__(self, spec: JudgeSpec, packs_by_digest: Mapping[str, Pack], pins: Mapping[str, str] | None = None) -> None:
        self.spec, self.packs_by_digest = spec, packs_by_digest
        # Beside a model the checks answer their own rubric: they give what every run can be compared by.
        checks = judge_bench() if spec.asks_models else None
        self.benches = {
            rubric: Benches(checks, bench_of(spec.under(rubric), pins)) if checks else Benches(judge_bench(rubric))
            for rubric in spec.rubrics
        }
        self.room: ModelRoom | None = None
        self.rng = random.SystemRandom()

    async def examine(self, played: Played, worlds: Worlds) -> Examined:
        """Replay, checks and rubric; then the model, within their bounds. Raises Parked and Stopped."""
        return await self.examine_item(FinishedEpisode(played.claim.id, played.claim.scenario, played.events), worlds)

    async def examine_item(self, item: FinishedEpisode, worlds: Worlds) -> Examined:
        """The same for an episode that nobody plays any more."""
        by = self.benches_for(item.scenario)
        case, checked = await by.checks.examine(item=item, worlds=worlds, packs=self.packs_by_digest.__getitem__)
        if by.model is None or checked.judged.error:
            return Examined(by, checked)
        return Examined(by, checked, await by.model.examine(case, checked, Asking(self.room, item.episode), self.rng))

    def benches_for(self, scenario: Scenario) -> Benches:
        """Who judges episodes of a scenario."""
        return self.benches[self.spec.rubric_for(scenario.digest, scenario.domain)]

    def record(self, examined: Sequence[Examined]) -> None:
        """One transaction for the batch; what a judge has judged before is passed over."""
        examined_write(examined=examined)


class Asking:
    """Gives the model at an endpoint, for one episode. Raises NoEndpoint."""

    def __init__(self, room: ModelRoom | None, episode: int) -> None:
        self.room, self.episode = room, episode

    def __call__(self, slug: str) -> ChatModel:
        """The model, counted for its part as a judge."""
        assert self.room, "no slice is at work"
        return self.room.model(slug, "judge", episode=self.episode)
