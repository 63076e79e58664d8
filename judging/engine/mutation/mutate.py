"""Damaged copies of a passing trajectory, one of each kind that it has room for."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from judging.engine.mutation.damages import DAMAGES
from judging.engine.mutation.scene import Scene
from judging.engine.mutation.script import perform
from judging.engine.mutation.subject import Subject
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import play
from synthesis.engine.episode.ports import Limits, Worlds
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.cast import SLIPS
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.slips import plan_slip
from synthesis.engine.participants.team import Desk
from synthesis.engine.participants.wording import Wording
from synthesis.engine.randomness import rng_for
from synthesis.engine.scenarios.scenario import Scenario

Method = Literal["replay", "surgery"]
"""Played again with the slip forced; or cut open, changed and performed again."""


class Mutant(msgspec.Struct, frozen=True):
    """A damaged copy. ``kind`` is one of SLIPS; ``note`` says what was done; ``events`` are its whole log."""

    episode: int
    kind: str
    method: Method
    note: str
    events: list[Event]


class _Memory:
    def __init__(self) -> None:
        self.events: list[Event] = []

    async def append(self, events: Sequence[Event]) -> None:
        self.events += events


class Mutator:
    """Damages trajectories in the worlds of ``packs`` (by slug)."""

    def __init__(self, worlds: Worlds, packs: Mapping[str, Pack], wording: Wording) -> None:
        self.worlds, self.packs, self.wording = worlds, packs, wording

    async def mutants(self, subject: Subject, method: Method | None = None) -> list[Mutant]:
        """One of each kind that there is room for: replayed where the seats are programs, unless a ``method`` is asked for."""
        if not subject.runs_again:
            return []
        method = method or ("replay" if subject.scripted else "surgery")
        make = self._replayed if method == "replay" else self._cut
        found = [await make(subject, kind) for kind in SLIPS]
        return [mutant for mutant in found if mutant is not None]

    async def _replayed(self, subject: Subject, kind: str) -> Mutant | None:
        """Play it again with the slip; None where another kind would have to stand in, or its moment never came."""
        if plan_slip(subject.scenario, self.packs[subject.scenario.domain], kind, subject.seed).kind != kind:
            return None
        environment, log = await self.worlds.open(subject.scenario), _Memory()
        try:
            outcome = await play(
                user=ScriptedUser(subject.scenario, subject.cast, self.packs, self.wording, subject.seed),
                agent=ScriptedAgent(subject.scenario, subject.cast, self.packs, self.wording, subject.seed, kind),
                environment=environment,
                log=log,
                limits=Limits(wall_seconds=0),
                clock=lambda: 0.0,
                opening=subject.events[0].payload,
                team=Desk.of(subject.cast, subject.scenario, self.packs),
            )
        finally:
            await environment.close()
        if outcome.slip is None:
            return None
        return Mutant(subject.episode, kind, "replay", str(outcome.slip["note"]), log.events)

    async def _cut(self, subject: Subject, kind: str) -> Mutant | None:
        damage = DAMAGES[kind](Scene(subject, self.packs, self.wording, rng_for(subject.seed, "mutation", kind)))
        if damage is None:
            return None
        environment = await self.worlds.open(subject.scenario)
        try:
            events = await perform(damage.script, environment, Desk.of(subject.cast, subject.scenario, self.packs))
        finally:
            await environment.close()
        if damage.changes_state and not await self._state_is_wrong(subject.scenario, events):
            return None
        return Mutant(subject.episode, kind, "surgery", damage.note, events)

    async def _state_is_wrong(self, scenario: Scenario, events: Sequence[Event]) -> bool:
        """Whether the world came out otherwise than the task asks for: else the change did no damage."""
        verification = await self.worlds.verify(scenario, call_records(read_trajectory(events)))
        return not verification.matches
