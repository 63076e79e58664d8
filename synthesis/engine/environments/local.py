"""Worlds in this process: for tests and for programs that are trusted. Untrusted programs run in ``synthesis.adapters.sandbox``."""

from collections.abc import Callable, Sequence
from typing import Any

from synthesis.engine.audit.audit import audit_pack
from synthesis.engine.audit.report import AuditReport, Told, told_nobody
from synthesis.engine.environments.episode_world import EpisodeWorld, verify
from synthesis.engine.episode.ports import CallRecord, Settled, Verification
from synthesis.engine.episode.views import View
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.draft import Sibling
from synthesis.engine.scenarios.generate import GenerateReply, GenerateRequest, generate
from synthesis.engine.scenarios.scenario import Scenario, WorldRef
from synthesis.engine.simulation.fidelity import Rehearsed
from synthesis.engine.tools import Requestor, Simulation, ToolCall, ToolOutcome
from synthesis.engine.world.interpreter import Interpreter
from synthesis.engine.world.machine import Machine


class MachineRoom:
    """Machines by release digest, made when first needed from the packs that ``load`` gives."""

    def __init__(self, load: Callable[[str], Pack], interpreter: Interpreter) -> None:
        self.load, self.interpreter = load, interpreter
        self._machines: dict[str, Machine] = {}

    def machine(self, release: str) -> Machine:
        """The machine of a release."""
        if release not in self._machines:
            self._machines[release] = Machine(self.load(release), self.interpreter)
        return self._machines[release]

    def forget(self, release: str) -> None:
        """Let the machine of a release go."""
        self._machines.pop(release, None)

    def sibling(self, ref: WorldRef) -> Sibling:
        """Another domain as a source of distractors."""
        return Sibling(ref, self.load(ref.release))

    def generate(self, request: GenerateRequest) -> GenerateReply:
        """Generate one scenario."""
        return generate(request, self.machine(request.release), self.sibling, self.machine)

    def verify(self, scenario: Scenario, calls: Sequence[CallRecord]) -> Verification:
        """Replay calls in a fresh world."""
        return verify(scenario, self.machine, calls)

    def audit(self, release: str, siblings: Sequence[WorldRef], worlds: int, told: Told = told_nobody) -> AuditReport:
        """Audit a pack; ``told`` hears how far it is."""
        return audit_pack(self.load(release), self.interpreter, [self.sibling(ref) for ref in siblings], worlds, told)


class LocalWorlds:
    """The Worlds port over machines in this process."""

    def __init__(self, load: Callable[[str], Pack], interpreter: Interpreter) -> None:
        self.room = MachineRoom(load, interpreter)

    async def open(self, scenario: Scenario, past: Sequence[CallRecord] = ()) -> "LocalEnvironment":
        """See the port."""
        world = EpisodeWorld(scenario, self.room.machine)
        world.refold(past)
        return LocalEnvironment(world)

    async def verify(self, scenario: Scenario, calls: Sequence[CallRecord]) -> Verification:
        """See the port."""
        return self.room.verify(scenario, calls)

    async def generate(self, request: GenerateRequest) -> GenerateReply:
        """Generate one scenario."""
        return self.room.generate(request)


class LocalEnvironment:
    """The Environment port over one EpisodeWorld."""

    def __init__(self, world: EpisodeWorld) -> None:
        self.world = world
        self.digest = world.digest()

    async def call(self, call: ToolCall, requestor: Requestor = "agent") -> ToolOutcome:
        """See the port."""
        outcome = self.world.call(call, requestor)
        self.digest = outcome.digest
        return outcome

    async def view(self, call: ToolCall, everything: bool = False) -> View | None:
        """See the port."""
        return self.world.view(call, everything)

    async def settle(self, call: ToolCall, answer: Any, simulation: Simulation, everything: bool = False) -> Settled:
        """See the port."""
        settled = self.world.settle(call, answer, simulation, everything)
        self.digest = self.world.digest()
        return settled

    async def rehearse(self, call: ToolCall, answer: Any) -> Rehearsed:
        """A simulator's answer beside what the program does."""
        return self.world.rehearse(call, answer)

    async def close(self) -> None:
        """Nothing to let go."""
