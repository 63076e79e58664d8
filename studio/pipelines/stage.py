"""What a slice plays with: worlds, seats and judge, put together for one run from what is scripted.

The slice itself knows only the protocols here, so that tests and later kinds of participants bring their own.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import msgspec

from judging.services import judge as judging
from synthesis.adapters.sandbox import SandboxPool
from synthesis.engine.episode.ports import Limits, Worlds
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.ports import Agent, User
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.scenarios.generate import GenerateReply, GenerateRequest
from synthesis.models import Run
from synthesis.selectors import catalog, runs
from synthesis.services.claims import Claim
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

    limits: Limits
    seats: Seats
    judge: Judge

    def workshop(self) -> AbstractAsyncContextManager[Workshop]:
        """Worlds for one event loop."""


class ScriptedSeats:
    """Scripted participants on both sides."""

    def __init__(self, packs: Mapping[str, Pack], wording: Any) -> None:
        self.packs, self.wording = packs, wording

    def user(self, claim: Claim) -> User:
        """The scripted user."""
        return ScriptedUser(claim.scenario, claim.cast, self.packs, self.wording, claim.seed)

    def agent(self, claim: Claim) -> Agent:
        """The scripted agent, with its planned slip."""
        return ScriptedAgent(claim.scenario, claim.cast, self.packs, self.wording, claim.seed, claim.slip)


class ProgrammaticJudge:
    """The programmatic judge of the judging room."""

    def __init__(self, packs: Mapping[str, Pack]) -> None:
        self.packs = packs

    async def examine(self, played: Played, worlds: Worlds) -> Any:
        """Replay, checks and rubric."""
        claim = played.claim
        item = judging.JudgeItem(claim.id, claim.index, claim.scenario, claim.cast, played.events)
        return await judging.examine(item, worlds=worlds, packs=self.packs)

    def record(self, examined: Sequence[Any]) -> None:
        """One transaction for the batch."""
        judging.record(examined=examined)


class ScriptedStage:
    """The stage of a run whose seats are all scripted."""

    def __init__(self, run: Run) -> None:
        texts = catalog.pack_texts(runs.release_digests(run))
        self.packs_by_digest = {digest: msgspec.json.decode(text, type=Pack) for digest, text in texts.items()}
        packs = {pack.slug: pack for pack in self.packs_by_digest.values()}
        self.limits = msgspec.convert(run.limits, Limits)
        self.seats = ScriptedSeats(packs, load_wording())
        self.judge = ProgrammaticJudge(packs)

    def workshop(self) -> AbstractAsyncContextManager[Workshop]:
        """Sandbox processes that know the releases of this run."""
        return SandboxPool(self.packs_by_digest.__getitem__, processes=1)
