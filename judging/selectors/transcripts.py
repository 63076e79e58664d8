"""One episode's log, read as the conversation that exports start from."""

from typing import Any, get_args

import msgspec

from judging.engine.formats.canonical import conversation
from synthesis.engine.episode.events import Event, Kind
from synthesis.engine.episode.trajectory import read_trajectory
from synthesis.models import Episode
from synthesis.models import Event as EventRow

_KIND: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}


def transcript(episode_id: int) -> dict[str, Any] | None:
    """``{episode, messages, reason, digest, feedback, problems}``, or None when there is no such episode.

    It holds no system prompt and nothing of any judge. An episode without a log has no messages.
    """
    if not Episode.objects.filter(pk=episode_id).exists():
        return None
    rows = EventRow.objects.filter(episode_id=episode_id).order_by("seq")
    log = [Event(row.seq, _KIND[row.kind], row.turn, row.head, row.payload, row.call_id) for row in rows]
    read = read_trajectory(log)
    return {
        "episode": episode_id,
        "messages": msgspec.to_builtins(conversation(read)),
        "reason": read.reason,
        "digest": read.digest,
        "feedback": read.feedback,
        "problems": read.problems,
    }
