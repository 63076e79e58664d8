"""Eight processes at one table: every episode and every batch of generation work goes to one of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.studio.installation import ROOT, Installation

CLAIM = """
import json, sys, django; django.setup()
from datetime import timedelta
from django.utils import timezone
from synthesis.services.claims import claim_queued
from synthesis.services.generation import claim_part, store_batch, Filled
from synthesis.services.leases import slice_ask, slice_take
me = slice_ask(run_id=1, patience=timedelta(seconds=60), now=timezone.now())
slice_take(slice_id=me, worker="racer", lease=timedelta(seconds=60), now=timezone.now())
print("ready", flush=True); sys.stdin.readline()
got = []
if sys.argv[1] == "episodes":
    while claims := claim_queued(run_id=1, holder=me, limit=3, lease=timedelta(seconds=60), now=timezone.now()):
        got += [claim.index for claim in claims]
else:
    idle = 0
    while idle < 50:
        part = claim_part(run_id=1, holder=me, size=2, lease=timedelta(seconds=60), now=timezone.now())
        if part is None:
            idle += 1
            continue
        got += [planned.index for planned in part.batch]
        assert store_batch(claim=part, filled=[Filled(planned, None, {"raced": 1}) for planned in part.batch])
print(json.dumps(got))
"""

PREPARE = """
from tests.builders_runs import queued
from synthesis.models import Episode
from synthesis.services.runs import run_start
run = run_start(seed=1, episodes=120, variations=["plain"])
if {queue}:
    queued(run)
    Episode.objects.update(holder=None)
print(1)
"""


def race(place: Installation, what: str) -> list[list[int]]:
    """What each of eight processes got, all let go at once."""
    place.ask(PREPARE.format(queue=what == "episodes"))
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, what], env=place.environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(8)
    ]
    for racer in racers:
        assert racer.stdout is not None and racer.stdout.readline() == "ready\n"
    outputs = []
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer in racers:
        out, _ = racer.communicate(timeout=120)
        assert racer.returncode == 0
        outputs.append([int(index) for index in out.strip().strip("[]").split(", ") if index])
    return outputs


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, studio_environment: dict[str, str], tmp_path: Path) -> Installation:
    """An installation on either database."""
    if request.param == "sqlite":
        return Installation(studio_environment)
    return Installation({**studio_environment, "DATABASE_URL": request.getfixturevalue("fresh_postgres_url")})


@pytest.mark.slow
@pytest.mark.parametrize("what", ["episodes", "parts"])
def test_everything_is_claimed_once(place: Installation, what: str) -> None:
    got = race(place, what)
    assert sorted(index for share in got for index in share) == list(range(120))
    assert what == "parts" or sum(1 for share in got if share) >= 2  # a part may well stay with the one who has its worlds
