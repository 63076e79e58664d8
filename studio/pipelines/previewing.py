"""The exact messages that a model in a seat would be sent for an episode as it stands, without sending them."""

import random
from typing import Any, NamedTuple

import msgspec

from judging.engine.case import Case
from judging.engine.judges.model import JudgePrompt, request_of
from judging.engine.judges.transcript import entries_of
from judging.services import starter_rubric
from synthesis.engine.episode.ports import Verification
from synthesis.engine.episode.trajectory import read_trajectory
from synthesis.engine.participants.cast import Cast
from synthesis.engine.participants.model_agent import ModelAgent
from synthesis.engine.participants.model_user import ModelUser
from synthesis.engine.participants.prompts import Prompt
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.models import Episode
from synthesis.selectors import catalog, episodes, prompts

SEATS = {"user": "user", "agent": "agent", "judge": "judge", "judge_rules": "judge"}
"""Which seat a prompt is of, where it can be shown; ``agent`` has none: its system prompt is made of profile and policy."""
NOT_REPLAYED = Verification([], [], "", matches=False, differences=[])
FENCE_SEED = 0
"""A real fence is random; the one of a preview is always the same."""


class Preview(NamedTuple):
    """Messages in order, the names of the tools that go with them, and whether the answer must be an object."""

    messages: list[dict[str, Any]]
    tools: list[str]
    bound: bool


def preview(name: str, episode: Episode, text: str | None = None) -> Preview | None:
    """What the seat of prompt ``name`` would be sent next in ``episode``; with ``text`` in place of the prompt in use.

    None where the episode has no scenario yet, or the prompt is of a seat that cannot be shown.
    """
    seat = SEATS.get(name)
    if seat is None or episode.scenario is None:
        return None
    scenario = msgspec.convert(episode.scenario.body, Scenario)
    packs = catalog.packs_by_slug([world.release for world in scenario.worlds])
    events = episodes.log_of(episode.pk)
    if seat == "judge":
        case = Case(scenario, packs, read_trajectory(events), NOT_REPLAYED)
        asked = request_of(case, starter_rubric(), entries_of(case.trajectory), _judge_prompt(name, text), random.Random(FENCE_SEED))
        return Preview(asked.messages, [], asked.answer is not None)
    cast = msgspec.convert(episode.cast, Cast)
    player: ModelUser | ModelAgent
    if seat == "user":
        prompt = prompts.current("user") if text is None else Prompt(text)
        player = ModelUser(scenario, cast, packs, _Nobody(), prompt)
    else:
        player = ModelAgent(scenario, cast, packs, _Nobody())
    for event in events:
        player.observe(event)
    tools = [tool["function"]["name"] for tool in player.tools] if isinstance(player, ModelAgent) else []
    return Preview(player.messages, tools, bound=False)


def _judge_prompt(name: str, text: str | None) -> JudgePrompt:
    before, after = (prompts.current(part).text if text is None or name != part else text for part in ("judge", "judge_rules"))
    return JudgePrompt(before, after)


class _Nobody:
    """Nobody is asked."""

    async def reply(self, request: Any, on_delta: Any = None) -> Any:
        """Refused."""
        raise AssertionError("a preview asks nobody")
