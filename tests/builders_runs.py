"""Builders for tests that need a catalogue, runs and claimed episodes in the database."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import timezone

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.environments.local import MachineRoom
from synthesis.engine.packs.model import Pack
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.participants.cast import AgentProfile, Persona
from synthesis.engine.scenarios.generate import GenerateRequest
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.models import Run
from synthesis.services import leases
from synthesis.services.catalog import Audited, pack_publish
from synthesis.services.generation import Filled, claim_part, store_batch
from synthesis.services.people import people_install
from synthesis.services.runs import run_start

PACKS = Path(__file__).resolve().parents[1] / "synthesis" / "catalog" / "packs"
LEASE = timedelta(seconds=30)

PERSONA = Persona("ann", "Ann", "Keeps two cats.", "en", "neutral", "normal", "friendly", 0.0, 3, 3)
PROFILE = AgentProfile("desk", "front desk", "warm")


@cache
def pack_text(slug: str) -> str:
    """The text of a starter pack."""
    return (PACKS / f"{slug}.yaml").read_text("utf-8")


@cache
def starter_pack(slug: str) -> Pack:
    """A starter pack."""
    return parse_pack(pack_text(slug))


def install(*slugs: str, variations: tuple[str, ...] = VARIATIONS) -> None:
    """A catalogue of starter packs, published as if audited, with one persona and one agent profile."""
    for slug in slugs or ("vet_clinic",):
        audited = Audited(slug, seeds=list(range(1, 11)), variations=dict.fromkeys(variations, 10), tried=10)
        pack_publish(pack=starter_pack(slug), text=pack_text(slug), audited=audited)
    people_install(personas=[PERSONA], profiles=[PROFILE])


def a_run(episodes: int = 6, **arguments: Any) -> Run:
    """A started run of plain episodes in the catalogue that ``install`` made."""
    return run_start(**{"seed": 7, "episodes": episodes, "variations": ["plain"], **arguments})


def a_slice(run: Run, worker: str = "tester") -> int:
    """A slice of the run that is at work."""
    slice_id = leases.slice_ask(run_id=run.pk, patience=LEASE, now=timezone.now())
    assert leases.slice_take(slice_id=slice_id, worker=worker, lease=LEASE, now=timezone.now())
    return slice_id


def queued(run: Run) -> None:
    """Give every planned episode of ``run`` a scenario, generated in this process."""
    room = MachineRoom({pack.digest: pack for pack in map(starter_pack, run.releases)}.__getitem__, StarlarkInterpreter())
    holder = a_slice(run, "generator")
    while part := claim_part(run_id=run.pk, holder=holder, size=50, lease=LEASE, now=timezone.now()):
        used = {variation: list(digests) for variation, digests in part.used.items()}
        filled = []
        for planned in part.batch:
            avoid = used.setdefault(planned.variation, [])
            reply = room.generate(
                GenerateRequest(
                    part.release, planned.variation, planned.seed, part.seeds, avoid, seconds=part.seconds if planned.second else []
                )
            )
            if reply.scenario:
                avoid.append(reply.scenario.digest)
            filled.append(Filled(planned, reply.scenario, reply.reasons))
        assert store_batch(claim=part, filled=filled)
