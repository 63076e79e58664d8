"""The stage of a run whose seats are all scripted: sandboxed worlds, scripted seats, the programmatic judge."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager

import msgspec

from judging.services import Assessment, FinishedEpisode, judge_bench, judgements_write
from studio.pipelines.pace import PacedAgent, PacedUser
from studio.pipelines.stage import Workshop
from synthesis.adapters.sandbox import SandboxPool
from synthesis.engine.episode.ports import Limits, Worlds
from synthesis.engine.episode.seats import Agent, User
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.forking import first_cast
from synthesis.engine.participants.person import PERSON, AbsentPerson
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.wording import Wording, starter_wording
from synthesis.models import Run
from synthesis.selectors import catalog, runs
from synthesis.services.claims import Claim
from synthesis.services.playing import Played, Seats


class ScriptedSeats:
    """Scripted participants on both sides. They begin as who began the log; a fork's note in it tells them who they are from then on."""

    def __init__(self, packs: Mapping[str, Pack], wording: Wording, pace: float = 0.0) -> None:
        self.packs, self.wording, self.pace = packs, wording, pace

    def user(self, claim: Claim) -> User:
        """The scripted user, unless somebody plays it by hand."""
        if claim.cast.seats.get("user") == PERSON:
            return AbsentPerson()
        user = ScriptedUser(claim.scenario, first_cast(claim.past, claim.cast), self.packs, self.wording, claim.seed)
        return PacedUser(user, self.pace) if self.pace else user

    def agent(self, claim: Claim) -> Agent:
        """The scripted agent, with its planned slip, unless somebody plays it by hand."""
        if claim.cast.seats.get("agent") == PERSON:
            return AbsentPerson()
        agent = ScriptedAgent(claim.scenario, first_cast(claim.past, claim.cast), self.packs, self.wording, claim.seed, claim.slip)
        return PacedAgent(agent, self.pace) if self.pace else agent


class ProgrammaticJudge:
    """The programmatic judge of the judging room, over the packs of one run."""

    def __init__(self, packs_by_digest: Mapping[str, Pack]) -> None:
        self.packs_by_digest, self.bench = packs_by_digest, judge_bench()

    async def examine(self, played: Played, worlds: Worlds) -> Assessment:
        """Replay, checks and rubric."""
        item = FinishedEpisode(played.claim.id, played.claim.scenario, played.events)
        [assessment] = await self.bench.assess(items=[item], worlds=worlds, packs=self.packs_by_digest.__getitem__)
        return assessment

    def record(self, examined: Sequence[Assessment]) -> None:
        """One transaction for the batch; what this judge has judged before is passed over."""
        judgements_write(assessments=examined, bench=self.bench)


class ScriptedStage:
    """See ``Stage``. Reads the database when it is made, never afterwards."""

    def __init__(self, run: Run) -> None:
        texts = catalog.pack_texts(runs.release_digests(run))
        self.packs_by_digest = {digest: msgspec.json.decode(text, type=Pack) for digest, text in texts.items()}
        self.limits = msgspec.convert(run.limits, Limits)
        self.seats: Seats = ScriptedSeats(
            {pack.slug: pack for pack in self.packs_by_digest.values()}, starter_wording(), float(run.options.get("pace", 0))
        )
        self.judge = ProgrammaticJudge(self.packs_by_digest)

    def workshop(self) -> AbstractAsyncContextManager[Workshop]:
        """One sandbox process that gets the releases of this run as it needs them."""
        return SandboxPool(self.packs_by_digest.__getitem__, processes=1)
