"""A stage for slices in tests: worlds in this process, gold seats, a judge that only remembers."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.environments.local import LocalWorlds
from synthesis.engine.episode.ports import Limits, Worlds
from synthesis.engine.packs.model import Pack
from synthesis.models import Run
from synthesis.selectors import catalog, runs
from synthesis.services.database import DatabaseThread
from synthesis.services.playing import Played, Seats
from tests.fakes.seats import GoldSeats


class RememberingJudge:
    """Notes the index and the final digest of what it is shown."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, str]] = []

    async def examine(self, played: Played, worlds: Worlds) -> tuple[int, str]:
        """Index and digest."""
        return played.claim.index, played.outcome.digest

    def record(self, examined: Sequence[Any]) -> None:
        """Remember."""
        self.seen.extend(examined)


class LocalStage:
    """See ``studio.pipelines.stage.Stage``."""

    def __init__(self, run: Run, seats: Seats | None = None, judge: Any = None, wrap: Callable[[Any], Any] = lambda worlds: worlds) -> None:
        texts = catalog.pack_texts(runs.release_digests(run))
        self.packs = {digest: msgspec.json.decode(text, type=Pack) for digest, text in texts.items()}
        self.limits = msgspec.convert(run.limits, Limits)
        self.seats = seats or GoldSeats()
        self.judge = judge or RememberingJudge()
        self.wrap = wrap

    @asynccontextmanager
    async def at_work(self, database: DatabaseThread) -> AsyncIterator[None]:
        """Nothing."""
        yield

    @asynccontextmanager
    async def workshop(self) -> AsyncIterator[Any]:
        """Worlds in this process."""
        yield self.wrap(LocalWorlds(self.packs.__getitem__, StarlarkInterpreter()))
