"""kill -9 of slice processes and of everything, at random points: nothing is lost, doubled or different."""

import random
from pathlib import Path
from time import sleep

import pytest

from tests.studio.installation import Installation, children, descendants, digests, kill, kill_tree, until

EPISODES = 120
ROUNDS = 9
ARGUMENTS = ("--episodes", str(EPISODES), "--seed", "7", "--slips", "0.2")


def torment(place: Installation, seed: int) -> None:
    """Start a run, kill its workers now and then, then everything at once; resume, and do it again.

    Later rounds are longer: on a slow machine the first kills may come before a worker has claimed anything.
    """
    rng = random.Random(seed)
    command: tuple[str, ...] = ("synthesize", *ARGUMENTS)
    for attempt in range(ROUNDS):
        if attempt >= 3 and interrupted(place):
            break
        process = place.start(*command, "--workers", "2")
        # A quick machine may be through before anybody looks.
        until(lambda started=process: children(started.pid) or started.poll() is not None)
        for _ in range(2):
            sleep(rng.uniform(0.5, 2.0) * (1 + attempt / 3))
            if workers := children(process.pid):
                kill(rng.choice(workers))
        sleep(rng.uniform(0.2, 2.0) * (1 + attempt / 3))
        if process.poll() is not None:
            break
        kill_tree(process.pid)
        process.communicate()
        command = ("synthesize", "--resume", "last")


def interrupted(place: Installation) -> int:
    """How many episodes had to be claimed more than once."""
    count: int = place.ask("from synthesis.models import Episode\nprint(Episode.objects.filter(run=1, attempts__gt=1).count())")
    return count


def undisturbed(place: Installation) -> dict[str, str]:
    """Digests of the files of the same run left in peace."""
    return digests(place.synthesize(*ARGUMENTS, "--workers", "1"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_on_sqlite(studio_environment: dict[str, str], seed: int) -> None:
    place = Installation(studio_environment)
    torment(place, seed)
    summary = place.synthesize("--resume", "1")
    assert interrupted(place) > 0
    assert place.counts() == place.counts() | {"judged": EPISODES}
    assert place.damage() == []
    assert digests(summary) == undisturbed(place)


@pytest.mark.slow
@pytest.mark.postgres
def test_killed_at_random_on_postgresql(studio_environment: dict[str, str], fresh_postgres_url: str) -> None:
    place = Installation({**studio_environment, "DATABASE_URL": fresh_postgres_url})
    torment(place, 3)
    summary = place.synthesize("--resume", "1")
    assert interrupted(place) > 0
    assert place.counts() == place.counts() | {"judged": EPISODES}
    assert place.damage() == []
    assert digests(summary) == undisturbed(place)


@pytest.mark.slow
def test_children_end_when_their_parent_is_killed(studio_environment: dict[str, str]) -> None:
    place = Installation(studio_environment)
    process = place.start("synthesize", "--episodes", "2000", "--workers", "2")
    until(lambda: len(descendants(process.pid)) >= 4)
    family = descendants(process.pid)
    kill(process.pid)
    process.communicate()
    until(lambda: not any(alive(pid) for pid in family), 20)
    counts = place.counts()
    assert counts["playing"] == 0 and counts["queued"] + counts["planned"] > 0


def alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
