"""Preference pairs: two plays of one scenario, cut where they first part, with the better and the worse turn of the agent.

Trainers do not mask what stands behind a turn, so a pair is a shared prompt and one turn of the assistant on each side
(design page datasets.md).
"""

from collections.abc import Sequence

import msgspec

from judging.engine.formats.canonical import CanonicalMessage


class Pair(msgspec.Struct, frozen=True):
    """The prompt that both plays share, and the turn with which each goes on. ``at`` counts messages from 0."""

    at: int
    prompt: list[CanonicalMessage]
    chosen: CanonicalMessage
    rejected: CanonicalMessage


def pair_of(chosen: Sequence[CanonicalMessage], rejected: Sequence[CanonicalMessage]) -> Pair | str:
    """The pair of two conversations, or why they make none."""
    length = min(len(chosen), len(rejected))
    at = next((place for place in range(length) if _content(chosen[place]) != _content(rejected[place])), length)
    if at == len(chosen) or at == len(rejected):
        return "One of the two plays only goes on where the other ends." if len(chosen) != len(rejected) else "The two plays are the same."
    better, worse = chosen[at], rejected[at]
    if {better.role, worse.role} == {"user"}:
        return "The two plays part at what the user says, so no turn of the agent is the better one."
    if {better.role, worse.role} != {"assistant"}:
        return "The two plays part at what a tool gives, so no turn of the agent is the better one."
    return Pair(at, list(chosen[:at]), better, worse)


def _content(message: CanonicalMessage) -> tuple[object, ...]:
    return message.role, message.content, [(call.id, call.name, call.arguments) for call in message.calls], message.call_id
