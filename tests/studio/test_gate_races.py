"""Many workers, each with a connection of its own, at one budget and one limit: neither is ever exceeded."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.studio.installation import ROOT, Installation

PREPARE = """
from synthesis.models import ModelEndpoint, Run
from synthesis.services.gate import budget_set
for number in range({runs}):
    run = Run.objects.create(seed=1, episodes=1, releases={{}}, variations=[], seats={{}}, limits={{}})
    budget_set(run_id=run.pk, limit=10_000_000)
ModelEndpoint.objects.create(slug="m", base_url="http://127.0.0.1/v1", model="m", provider="other", requests_a_minute={limit})
print(1)
"""
RACER = """
import asyncio, json, random, sys, time, django; django.setup()
from synthesis.engine.chat.errors import NoQuota, Parked
from synthesis.engine.chat.model import Usage
from synthesis.models import ModelEndpoint
from synthesis.services.database import DatabaseThread
from synthesis.services.gate import DatabaseGate
what, seed = sys.argv[1], int(sys.argv[2])
rng = random.Random(seed)

async def spend(database, run):
    gate, spent = DatabaseGate(ModelEndpoint.objects.get(), run, database), 0
    while True:
        cost = rng.randrange(100_000, 900_000)
        try:
            ticket = await gate.reserve(1, cost)
        except NoQuota:
            return spent
        await asyncio.sleep(rng.random() / 1000)
        used = rng.randrange(cost // 2, cost + 1)
        await gate.settle(ticket, Usage(cost=used))
        spent += used

async def ask(database, _run):
    gate, moments, end = DatabaseGate(ModelEndpoint.objects.get(), None, database), [], time.time() + 6
    while time.time() < end:
        try:
            await gate.reserve(1, 0)
            moments.append(time.time())
        except Parked:
            await asyncio.sleep(0.05)
    return moments

async def worker(number):
    async with DatabaseThread(f"gate-{number}") as database:
        return [await {"spend": spend, "ask": ask}[what](database, run) for run in range(1, int(sys.argv[3]) + 1)]

async def main():
    return await asyncio.gather(*[worker(number) for number in range(int(sys.argv[4]))])

import os; os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
ModelEndpoint.objects.exists()
print("ready", flush=True); sys.stdin.readline()
print(json.dumps(asyncio.run(main())))
"""


PROCESSES = 4


def race(place: Installation, what: str, workers: int, runs: int, limit: str = "None") -> list[list[object]]:
    """What each of ``workers`` in four processes has to say, all let go at once."""
    place.ask(PREPARE.format(runs=runs, limit=limit))
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, what, str(seed), str(runs), str(workers // PROCESSES)],
            env=place.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(PROCESSES)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    outputs: list[list[object]] = []
    for racer in racers:
        out, _ = racer.communicate(timeout=240)
        assert racer.returncode == 0
        outputs += json.loads(out)
    return outputs


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, studio_environment: dict[str, str], tmp_path: Path) -> Installation:
    """An installation on either database."""
    if request.param == "sqlite":
        return Installation(studio_environment)
    return Installation({**studio_environment, "DATABASE_URL": request.getfixturevalue("fresh_postgres_url")})


def sums(outputs: Sequence[Sequence[object]], run: int) -> int:
    return sum(int(str(share[run])) for share in outputs)


@pytest.mark.slow
def test_sixteen_workers_never_overspend(place: Installation) -> None:
    races = 20
    outputs = race(place, "spend", 16, races)
    stored = place.ask("from synthesis.models import Budget; print([[b.spent, b.reserved] for b in Budget.objects.order_by('pk')])")
    for number, (spent, reserved) in enumerate(stored):
        assert spent == sums(outputs, number)
        assert 9_000_000 < spent <= 10_000_000
        assert reserved == 0


@pytest.mark.slow
def test_eight_workers_keep_to_the_rate(place: Installation) -> None:
    outputs = race(place, "ask", 8, 1, limit="300")
    moments = sorted(moment for share in outputs for moment in share[0])  # type: ignore[attr-defined]
    burst, steady = 30, (300 * 0.97 - 30) / 60
    for first, start in enumerate(moments):
        for seconds in (0.5, 2.0, 5.0):
            inside = sum(1 for moment in moments[first:] if moment < start + seconds)
            # Moments are noted after the place was taken, by processes that are sometimes late.
            assert inside <= burst + (seconds + 0.6) * steady + 1
    assert len(moments) > 40
