"""Machines and worlds over the small packs of ``tests.packs``, for tests that need no database."""

from functools import cache

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.environments.local import LocalWorlds
from synthesis.engine.scenarios.draft import Sibling
from synthesis.engine.scenarios.generate import GenerateReply, GenerateRequest, generate
from synthesis.engine.scenarios.scenario import Scenario, WorldRef
from synthesis.engine.world.machine import Machine
from tests.packs import tool_shed

SEEDS = list(range(1, 9))


@cache
def _machine() -> Machine:
    return Machine(tool_shed(), StarlarkInterpreter())


def machine(*, fresh: bool = False) -> Machine:
    """The tool shed's machine, shared by the tests of a process unless ``fresh``."""
    return Machine(tool_shed(), StarlarkInterpreter()) if fresh else _machine()


def local_worlds() -> LocalWorlds:
    """The Worlds port in this process."""
    return LocalWorlds({tool_shed().digest: tool_shed()}.__getitem__, StarlarkInterpreter())


def no_sibling(ref: WorldRef) -> Sibling:
    """The tool shed stands alone."""
    raise LookupError(ref)


def reply(variation: str, seed: int, *, intent: str | None = None, on: Machine | None = None) -> GenerateReply:
    """What the generator says to one request on the tool shed."""
    machine = on or _machine()
    return generate(GenerateRequest(machine.pack.digest, variation, seed, SEEDS, intent=intent), machine, no_sibling)


def scenario(variation: str, seed: int = 1, *, intent: str | None = None) -> Scenario:
    """A generated scenario of the tool shed; fails the test when there is none."""
    found = reply(variation, seed, intent=intent).scenario
    assert found is not None, f"no {variation} scenario"
    return found
