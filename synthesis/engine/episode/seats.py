"""The ports of an episode's seats. The loop in ``episode.play`` knows only these.

A participant folds the log: it is shown every event once, in order, through ``observe`` (on a resumed episode first all the stored
ones), and ``act`` then decides from what it has seen. It keeps nothing else, so an episode resumes from its log alone.
Scripted participants draw randomness from ``rng_for(seed, role, seq)``: the same log gives the same next step, byte for byte.
"""

from typing import Any, Protocol

import msgspec

from synthesis.engine.episode.events import Event
from synthesis.engine.tools import ToolCall


class UserMove(msgspec.Struct, frozen=True):
    """What the user does: says ``text`` and, when ``done``, leaves; ``feedback`` is ``{satisfied: bool, rating: 1-5, words: str}``.
    Or it uses tools of its own side: ``calls`` are executed and it acts again before the agent does; nothing is said with them.

    ``usage`` and ``repaired`` are a model's: what the move took, and the problem of a first answer that could not be used.
    """

    text: str
    done: bool = False
    feedback: dict[str, Any] | None = None
    usage: dict[str, Any] | None = None
    repaired: str | None = None
    calls: list[ToolCall] = []


class AgentMove(msgspec.Struct, frozen=True):
    """What the agent does: ``calls`` (executed, then it acts again), or only ``text`` (the user's turn). ``done`` ends the episode.

    ``slip`` is the truth about a slip made in this move, ``{kind, note}``; it is kept aside and never enters an event.
    """

    text: str = ""
    calls: list[ToolCall] = []
    reasoning: str | None = None
    done: bool = False
    usage: dict[str, Any] | None = None
    slip: dict[str, Any] | None = None
    repaired: str | None = None


class Parked(Exception):
    """The seat waits for somebody outside. The episode goes on from its log once that person's move stands there."""


class User(Protocol):
    """The user's seat."""

    def observe(self, event: Event) -> None:
        """Fold one event."""

    async def act(self) -> UserMove:
        """Say the next thing, or use a tool of one's own."""


class Agent(Protocol):
    """The agent's seat."""

    def observe(self, event: Event) -> None:
        """Fold one event."""

    async def act(self) -> AgentMove:
        """Answer or call tools."""
