"""Scenarios over two domains, for tests that need no database: the catalogue's hotel desk and airline, which one traveller calls."""

from functools import cache

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.environments.local import LocalWorlds
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.generate import GenerateReply, GenerateRequest
from synthesis.engine.scenarios.scenario import Scenario, WorldRef
from tests.builders_runs import starter_pack

AIRLINE, HOTEL = "airline_rebooking", "hotel_desk"
SEEDS = list(range(1, 5))


@cache
def packs() -> dict[str, Pack]:
    """Both, by slug."""
    return {slug: starter_pack(slug) for slug in (AIRLINE, HOTEL)}


@cache
def worlds() -> LocalWorlds:
    """Worlds of both in this process."""
    return LocalWorlds({pack.digest: pack for pack in packs().values()}.__getitem__, StarlarkInterpreter())


@cache
def reply(variation: str, seed: int, own: str = AIRLINE) -> GenerateReply:
    """What the generator says to a request for a last wish in the other domain."""
    seconds = [WorldRef(slug, pack.digest, number) for slug, pack in packs().items() if slug != own for number in SEEDS[:3]]
    return worlds().room.generate(GenerateRequest(packs()[own].digest, variation, seed, SEEDS, seconds=seconds))


def two_domains(variation: str = "plain", seed: int = 1, own: str = AIRLINE) -> Scenario:
    """A scenario; fails the test when there is none."""
    found = reply(variation, seed, own)
    assert found.scenario is not None, found.reasons
    return found.scenario
