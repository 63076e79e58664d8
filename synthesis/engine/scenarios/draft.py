"""A scenario in the making: what a variation hands to the generator, and the ground on which it works."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from synthesis.engine.faults.planned import PlannedFault
from synthesis.engine.packs.model import Intent, Pack
from synthesis.engine.scenarios.gold import GoldRun, Unfit
from synthesis.engine.scenarios.scenario import OfferedTool, Wish, WorldRef
from synthesis.engine.scenarios.wishes import Outcome, bind, perform
from synthesis.engine.world.machine import Machine
from synthesis.engine.world.rows import BaseWorld, Setting
from synthesis.engine.world.state import State


class Sibling(msgspec.Struct, frozen=True):
    """Another domain whose tools may be offered as distractors."""

    world: WorldRef
    pack: Pack


class Ground:
    """One seeded world, one randomness, and helpers that variations share. ``pack`` is what can be played: without ``simulated`` the
    pack's simulated tools, and the intents that need one, are not there. ``setting``: see ``WorldRef``."""

    def __init__(
        self,
        machine: Machine,
        seed: int,
        rng: random.Random,
        siblings: Sequence[Sibling] = (),
        only: str | None = None,
        simulated: bool = False,
        setting: Setting | None = None,
    ) -> None:
        self.machine, self.seed, self.rng, self.siblings, self.only = machine, seed, rng, siblings, only
        self.simulated, self.setting = simulated, setting
        self.pack = machine.pack if simulated else machine.pack.without_simulated()
        self.caller = ""

    def state(self) -> State:
        """A fresh state of the world, with the caller once there is one."""
        state = self.machine.state(self.seed, self.setting)
        state.caller = self.caller
        return state

    @property
    def world(self) -> BaseWorld:
        """The world itself."""
        return self.machine.world(self.seed, self.setting)

    def run(self) -> GoldRun:
        """A fresh gold run."""
        return GoldRun(self.machine, self.state())

    def intent(self, intents: Sequence[Intent]) -> Intent:
        """One of ``intents``, or the one the ground is narrowed to. Raises Unfit when there is none."""
        wanted = [intent for intent in intents if self.only in (None, intent.id)]
        if not wanted:
            raise Unfit("no intent supports this")
        return self.rng.choice(wanted)

    def complete_intents(self) -> list[Intent]:
        """Intents that are to be completed."""
        return [intent for intent in self.pack.intents.values() if intent.expect == "complete"]

    def complete(self, run: GoldRun, intent: Intent, given: Mapping[str, Any] | None = None, preference: bool = False) -> Outcome:
        """Bind and perform a wish that must come out complete. Raises Unfit."""
        outcome = perform(run, bind(self.machine, run.state, intent, self.rng, given, preference))
        if outcome.kind != "complete":
            raise Unfit("came out forbidden", intent.id)
        return outcome

    def given_after(self, run: GoldRun, wishes: Sequence[Wish]) -> dict[str, Any]:
        """What a later bind is given: the caller's row as it stands, and the intents already served."""
        row = run.state.get(self.pack.caller.table, self.pack.caller_key(wishes[0].bindings))
        if row is None:
            raise Unfit("the caller's record is gone")
        return {"caller": row.values, "earlier": [wish.intent for wish in wishes]}


class Second(msgspec.Struct):
    """Another domain in which the last wish of a draft is served: its world, its pack, and the state a perfect play leaves there."""

    world: WorldRef
    pack: Pack
    final: State


class Draft(msgspec.Struct):
    """What a variation proposes: wishes, the state a perfect play ends in, and what is special."""

    wishes: list[Wish]
    final: State
    run: GoldRun
    withheld_tools: frozenset[str] = frozenset()
    distractors: list[OfferedTool] = []
    distractor_worlds: list[WorldRef] = []
    faults: list[PlannedFault] = []
    at_once: bool = False
    second: Second | None = None
