"""What a slice plays with: worlds, seats and judge.

The slice knows only these protocols, so that tests and later kinds of participants bring their own.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from synthesis.engine.episode.ports import Limits, Worlds
from synthesis.engine.scenarios.generate import GenerateReply, GenerateRequest
from synthesis.services.database import DatabaseThread
from synthesis.services.playing import Played, Seats


class Workshop(Worlds, Protocol):
    """Worlds that also generate scenarios."""

    async def generate(self, request: GenerateRequest) -> GenerateReply:
        """One scenario; the same request gives the same reply."""


class Judge(Protocol):
    """Judges played episodes in two halves: the one that computes and the one that writes."""

    async def examine(self, played: Played, worlds: Worlds) -> Any:
        """What there is to say about an episode. No database."""

    def record(self, examined: Sequence[Any]) -> None:
        """Store it, in one transaction; twice is once."""


class Stage(Protocol):
    """Everything a slice needs from outside."""

    @property
    def limits(self) -> Limits:
        """When episodes end."""

    @property
    def seats(self) -> Seats:
        """Who plays."""

    @property
    def judge(self) -> Judge:
        """Who judges."""

    def at_work(self, database: DatabaseThread) -> AbstractAsyncContextManager[object]:
        """What seats and judge need for as long as a slice is at work, in its event loop."""

    def workshop(self) -> AbstractAsyncContextManager[Workshop]:
        """Worlds for one event loop."""
