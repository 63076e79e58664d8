"""The exact messages that a model in a seat would be sent for an episode as it stands, without sending them."""

import random
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from judging.engine.case import Case
from judging.engine.judges.model import JudgePrompt, questions_for, request_of
from judging.engine.judges.spec import spec_of
from judging.engine.judges.transcript import entries_of
from judging.engine.rubric import Rubric
from judging.selectors import rubrics
from judging.services.rubrics import judges_rubric
from synthesis.engine.chat.model import ChatRequest
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.ports import Verification
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from synthesis.engine.episode.views import View
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.cast import Cast, model_of
from synthesis.engine.participants.model_agent import ModelAgent
from synthesis.engine.participants.model_user import ModelUser
from synthesis.engine.participants.prompts import Prompt
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.simulation.questions import question
from synthesis.models import Episode, Run
from synthesis.selectors import catalog, episodes, prompts
from synthesis.services.desk import desk

SEATS = {"user": "user", "agent": "agent", "judge": "judge", "judge_rules": "judge", "tool": "tool"}
"""Which seat a prompt is of, where it is shown for an episode; ``agent`` has none: its system prompt is made of profile and policy."""
NOT_REPLAYED = Verification([], [], "", matches=False, differences=[])
FENCE_SEED = 0
"""A real fence is random; the one of a preview is always the same."""


class Preview(NamedTuple):
    """Messages in order, the names of the tools that go with them, and the schema of the answer as JSON, "" where it may be any text.

    ``about`` says of what they are made beside the episode: the rubric, or the tool that is called. ``program``: that tool has a program,
    which answers unless a run has everything simulated.
    """

    messages: list[dict[str, Any]]
    tools: list[str] = []
    schema: str = ""
    about: str = ""
    program: bool = False


def shown(request: ChatRequest, about: str, *, program: bool = False) -> Preview:
    """A request with a bound answer."""
    assert request.answer is not None
    schema = msgspec.json.format(msgspec.json.encode(request.answer.schema)).decode()
    return Preview(request.messages, [], schema, about, program)


def preview(name: str, episode: Episode, text: str | None = None) -> Preview | None:
    """What the seat of prompt ``name`` would be sent next in ``episode``; with ``text`` in place of the prompt in use. A simulator of tools
    is shown with the last call that it would answer.

    None where the episode has no scenario yet, no tool was called, or the prompt is of a seat that is not shown for episodes. Raises
    DeskTrouble where the world of the call cannot be made again.
    """
    seat = SEATS.get(name)
    if seat is None or episode.scenario is None:
        return None
    scenario = msgspec.convert(episode.scenario.body, Scenario)
    packs = catalog.packs_by_slug([world.release for world in scenario.worlds])
    events = episodes.log_of(episode.pk)
    if seat == "judge":
        return _judge(Case(scenario, packs, read_trajectory(events), NOT_REPLAYED), episode.run, _judge_prompt(name, text))
    if seat == "tool":
        return _tool(scenario, packs, events, episode.run, prompts.current("tool") if text is None else Prompt(text))
    cast = msgspec.convert(episode.cast, Cast)
    player: ModelUser | ModelAgent
    if seat == "user":
        prompt = prompts.current("user") if text is None else Prompt(text)
        player = ModelUser(scenario, cast, packs, _Nobody(), prompt)
    else:
        player = ModelAgent(scenario, cast, packs, _Nobody())
    for event in events:
        player.observe(event)
    return Preview(player.messages, [tool["function"]["name"] for tool in player.tools])


def _judge(case: Case, run: Run, prompt: JudgePrompt) -> Preview:
    rubric, called = rubric_in_use(run, case.scenario)
    asked = request_of(case, questions_for(case, rubric), entries_of(case.trajectory), prompt, random.Random(FENCE_SEED))
    return shown(asked, called)


def rubric_in_use(run: Run, scenario: Scenario) -> tuple[Rubric, str]:
    """What models are asked about an episode of a run, and what it is called: what the run's own judge answers there where it asks models,
    else the newest one that judges answer by default."""
    spec = spec_of(run.judge)
    digest = spec.rubric_for(scenario.digest, scenario.domain) if spec.asks_models else ""
    try:
        version = rubrics.rubric_version(digest) if digest else rubrics.newest_version("judges")
    except rubrics.RubricMissing:
        return judges_rubric(), judges_rubric().name
    return rubrics.rubric_of(version), f"{version.rubric.name} ({version.number})"


def _tool(scenario: Scenario, packs: Mapping[str, Pack], events: list[Event], run: Run, prompt: Prompt) -> Preview | None:
    """The last call that a simulator answered, or would have if everything had been simulated."""
    past = msgspec.to_builtins(call_records(read_trajectory(events)))
    releases = {world.release: packs[world.domain] for world in scenario.worlds}
    body = msgspec.json.encode(scenario)
    everything = run.options.get("simulate") == "all"
    for all_of_them in (everything, True) if model_of(run.seats.get("tools")) else (True,):
        value = desk().ask("trial_view", body, past, all_of_them, packs=releases)
        if value is not None:
            view = msgspec.convert(value, View)
            had_program = not packs[view.domain].tools[view.tool.name].simulated
            return shown(question(prompt, view), f"{view.domain}.{view.tool.name}", program=had_program)
    return None


def _judge_prompt(name: str, text: str | None) -> JudgePrompt:
    before, after = (prompts.current(part).text if text is None or name != part else text for part in ("judge", "judge_rules"))
    return JudgePrompt(before, after)


class _Nobody:
    """Nobody is asked."""

    async def reply(self, request: Any, on_delta: Any = None) -> Any:
        """Refused."""
        raise AssertionError("a preview asks nobody")
