"""The stage of a run: sandboxed worlds, seats that are scripted, a person's or a model's, and the run's judge."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec

from judging.engine.judges.spec import spec_of
from studio.pipelines.model_room import ModelRoom
from studio.pipelines.pace import PacedAgent, PacedUser
from studio.pipelines.run_judge import RunJudge
from studio.pipelines.stage import Workshop
from studio.pipelines.streaming import WatchedModel, Watching
from synthesis.adapters.sandbox import SandboxPool
from synthesis.engine.chat.model import ChatModel, Role
from synthesis.engine.environments.simulated import Simulator
from synthesis.engine.episode.ports import Limits
from synthesis.engine.episode.seats import Agent, User
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.cast import model_of
from synthesis.engine.participants.forking import first_cast
from synthesis.engine.participants.model_agent import ModelAgent
from synthesis.engine.participants.model_user import ModelUser
from synthesis.engine.participants.person import PERSON, AbsentPerson
from synthesis.engine.participants.prompts import Prompt
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.team import Desk
from synthesis.engine.participants.wording import Wording, starter_wording
from synthesis.models import Run
from synthesis.selectors import catalog, prompts, runs
from synthesis.services.claims import Claim
from synthesis.services.database import DatabaseThread
from synthesis.services.playing import Seats


class RunSeats:
    """Whoever an episode's cast says. Scripted participants begin as who began the log; a fork's note in it tells them who they are from
    then on. ``room`` is where models are asked, while a slice is at work, and ``watching`` says whose words are streamed to a page.
    ``prompt`` is a model user's, ``tools`` that of a simulator, which with ``everything`` also answers for tools that have programs.
    """

    def __init__(
        self,
        packs: Mapping[str, Pack],
        wording: Wording,
        pace: float = 0.0,
        prompt: Prompt | None = None,
        tools: Prompt | None = None,
        everything: bool = False,
    ) -> None:
        self.packs, self.wording, self.pace, self.prompt = packs, wording, pace, prompt
        self.tools, self.everything = tools, everything
        self.room: ModelRoom | None = None
        self.watching: Watching | None = None

    def user(self, claim: Claim) -> User:
        """The user. Raises NoEndpoint."""
        who = claim.cast.seats.get("user")
        if who == PERSON:
            return AbsentPerson()
        if slug := model_of(who):
            assert self.prompt
            return ModelUser(claim.scenario, claim.cast, self.packs, self._model(slug, "user", claim), self.prompt)
        user = ScriptedUser(claim.scenario, first_cast(claim.past, claim.cast), self.packs, self.wording, claim.seed)
        return PacedUser(user, self.pace) if self.pace else user

    def agent(self, claim: Claim) -> Agent:
        """The agent; a scripted one with its planned slip. Raises NoEndpoint."""
        who = claim.cast.seats.get("agent")
        if who == PERSON:
            return AbsentPerson()
        if slug := model_of(who):
            return ModelAgent(claim.scenario, claim.cast, self.packs, self._model(slug, "agent", claim))
        agent = ScriptedAgent(claim.scenario, first_cast(claim.past, claim.cast), self.packs, self.wording, claim.seed, claim.slip)
        return PacedAgent(agent, self.pace) if self.pace else agent

    def team(self, claim: Claim) -> Desk | None:
        """Who of a team has the conversation."""
        return Desk.of(claim.cast, claim.scenario, self.packs)

    def simulator(self, claim: Claim) -> Simulator | None:
        """Who answers simulated tools, if anybody does. Raises NoEndpoint."""
        slug = model_of(claim.cast.seats.get("tools"))
        if not slug:
            return None
        assert self.tools
        return Simulator(self._model(slug, "tool", claim), self.tools, self.everything)

    def _model(self, slug: str, role: Role, claim: Claim) -> ChatModel:
        assert self.room, "no slice is at work"
        model = self.room.model(slug, role, episode=claim.id)
        if self.watching and role in {"user", "agent"}:
            return WatchedModel(model, self.watching, claim.id, role)
        return model


class RunStage:
    """See ``Stage``. Reads the database when it is made, never afterwards."""

    def __init__(self, run: Run) -> None:
        texts = catalog.pack_texts(runs.release_digests(run))
        self.packs_by_digest = {digest: msgspec.json.decode(text, type=Pack) for digest, text in texts.items()}
        self.run_id = run.pk
        self.limits = msgspec.convert(run.limits, Limits)
        self.cast = RunSeats(
            {pack.slug: pack for pack in self.packs_by_digest.values()},
            starter_wording(),
            float(run.options.get("pace", 0)),
            prompts.pinned(run.prompts, "user") if model_of(run.seats.get("user")) else None,
            prompts.pinned(run.prompts, "tool") if model_of(run.seats.get("tools")) else None,
            run.options.get("simulate") == "all",
        )
        self.seats: Seats = self.cast
        self.judge = RunJudge(spec_of(run.judge), self.packs_by_digest, run.prompts)

    @asynccontextmanager
    async def at_work(self, database: DatabaseThread) -> AsyncIterator[None]:
        """Open the room of models."""
        async with ModelRoom(database, self.run_id) as self.cast.room:
            self.judge.room = self.cast.room
            self.cast.watching = Watching(database, self.run_id)
            yield

    def workshop(self) -> AbstractAsyncContextManager[Workshop]:
        """One sandbox process that gets the releases of this run as it needs them."""
        return SandboxPool(self.packs_by_digest.__getitem__, processes=1)
