"""One episode's log, read as the conversation that exports start from."""

from typing import Any, get_args

import msgspec

from judging.engine.formats.canonical import conversation
from judging.engine.formats.openai import chat
from judging.selectors.records import pack_of
from synthesis.engine.episode.events import Event, Kind
from synthesis.engine.episode.trajectory import Trajectory, read_trajectory
from synthesis.engine.participants.cast import Cast
from synthesis.engine.participants.team import whole_offer
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.models import Episode
from synthesis.models import Event as EventRow

_KIND: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}


def transcript(episode_id: int) -> dict[str, Any] | None:
    """``{episode, messages, reason, digest, feedback, problems}``, or None when there is no such episode.

    It holds no system prompt and nothing of any judge. An episode without a log has no messages.
    """
    if not Episode.objects.filter(pk=episode_id).exists():
        return None
    read = _trajectory(episode_id)
    return {
        "episode": episode_id,
        "messages": msgspec.to_builtins(conversation(read)),
        "reason": read.reason,
        "digest": read.digest,
        "feedback": read.feedback,
        "problems": read.problems,
    }


def openai_chat(episode_id: int) -> dict[str, Any] | None:
    """``{messages, tools, parallel_tool_calls}`` with the agent's system prompt; None without a scenario."""
    episode = Episode.objects.select_related("scenario").filter(pk=episode_id).first()
    if episode is None or episode.scenario is None:
        return None
    scenario, cast = msgspec.convert(episode.scenario.body, Scenario), msgspec.convert(episode.cast, Cast)
    packs = {world.domain: pack_of(world.release) for world in scenario.worlds}
    system, tools = whole_offer(scenario, cast, packs)
    return chat(conversation(_trajectory(episode_id)), system, tools)


def _trajectory(episode_id: int) -> Trajectory:
    rows = EventRow.objects.filter(episode_id=episode_id).order_by("seq")
    return read_trajectory(Event(row.seq, _KIND[row.kind], row.turn, row.head, row.payload, row.call_id) for row in rows)
