"""The main job as a user calls it: whole processes, real seats, sandbox, judge and files."""

import contextlib
import json
import os
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.studio.installation import Installation, children, digests, kill, until


@pytest.fixture
def place(studio_environment: dict[str, str]) -> Installation:
    """An embedded installation."""
    return Installation(studio_environment)


def test_one_command_gives_files_a_funnel_and_one_json_line(place: Installation, tmp_path: Path) -> None:
    out, err = place.finish("synthesize", "--episodes", "26", "--seed", "7", "--slips", "0.2", "--out", str(tmp_path / "out"), "--json")
    summary = json.loads(out.splitlines()[-1])
    assert set(summary) == {
        "run", "episodes", "kept", "mean_quality", "episodes_per_second", "funnel", "domains", "variations", "files",
    }  # fmt: skip
    assert summary["episodes"] == summary["funnel"]["planned"] == 26
    assert 0 < summary["kept"] == sum(summary["domains"].values()) == sum(summary["variations"].values())
    assert summary["mean_quality"] >= 4.5
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["manifest.json", "openai.jsonl", "trajectories.jsonl"]
    for path in summary["files"].values():
        assert len(Path(path).read_text("utf-8").splitlines()) == summary["kept"]
    for step in ("planned", "generated", "played", "checks passed", "judged", "kept"):
        assert f"  {step} " in out
    assert "run 1: 26 episodes, seed 7" in err
    assert "Traceback" not in err


def test_the_same_seed_gives_the_same_files_with_any_number_of_workers(place: Installation) -> None:
    one, three = (place.synthesize("--episodes", "30", "--seed", "5", "--workers", workers) for workers in ("1", "3"))
    assert digests(one) == digests(three)
    other = place.synthesize("--episodes", "30", "--seed", "6")
    assert digests(other) != digests(one)


def judged(place: Installation) -> int:
    """Episodes judged so far, read from the file: asking a process of the studio takes as long as the rest of the run."""
    with contextlib.closing(sqlite3.connect(f"file:{place.data / 'studio.sqlite3'}?mode=ro", uri=True)) as database:
        [[number]] = database.execute("SELECT count(*) FROM synthesis_episode WHERE status = 'judged'")
        return int(number)


def test_interrupted_and_resumed_it_gives_the_same_files(place: Installation) -> None:
    process = place.start("synthesize", "--episodes", "400", "--seed", "5")
    until(lambda: judged(place) > 5)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "run 1 is paused and nothing is lost. Go on: ./bin/studio synthesize --resume 1" in err
    counts = place.counts()
    assert counts["playing"] == 0 and counts["judged"] < 400
    resumed, whole = place.synthesize("--resume", "last"), place.synthesize("--episodes", "400", "--seed", "5")
    assert digests(resumed) == digests(whole)
    assert place.damage() == []


def test_files_can_be_written_again_when_the_place_was_gone(place: Installation, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = place.synthesize("--episodes", "5", "--out", str(out))
    wanted = digests(first)
    for path in out.iterdir():
        path.unlink()
    out.rmdir()
    out.write_text("in the way")
    _, err = place.finish("synthesize", "--resume", "1", expect=1)
    assert "Run 1 is finished, but its files could not be written." in err and "Traceback" not in err
    out.unlink()
    assert digests(place.synthesize("--resume", "1")) == wanted


def test_a_step_that_kills_its_worker_five_times_fails_as_poison_and_the_others_finish(place: Installation) -> None:
    run: int = place.ask(
        "from synthesis.services.runs import run_start\n"
        "print(run_start(seed=5, episodes=20, domains=['vet_clinic'], variations=['plain']).pk)"
    )
    deaths = 0
    while (code := place.run("-m", "tests.studio.poison_worker", str(run), "3")) != 0:
        assert code == -signal.SIGKILL
        deaths += 1
        assert deaths <= 5
    assert deaths == 5
    [[index, failure, outcome, attempts]] = place.ask(
        "from synthesis.models import Episode\n"
        "rows = Episode.objects.filter(status='failed')\n"
        "print(json.dumps(list(rows.values_list('index', 'failure', 'outcome', 'attempts'))))"
    )
    assert (index, failure["kind"], outcome, attempts) == (3, "poison", "poison", 6)
    assert place.counts(run)["judged"] == 19
    # What killed the workers is mended; somebody has it tried again.
    out, _ = place.finish("runs", "requeue", str(run))
    assert "1 episodes of run" in out
    place.synthesize("--resume", str(run))
    assert place.counts(run)["judged"] == 20
    assert place.damage(run) == []


def test_a_watching_parent_replaces_a_dead_child(place: Installation) -> None:
    process = place.start("synthesize", "--episodes", "100", "--seed", "5", "--workers", "1", "--json")
    until(lambda: children(process.pid))
    until(lambda: place.counts().get("judged", 0) > 0)
    [first] = children(process.pid)
    kill(first)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert place.counts()["judged"] == 100
    assert json.loads(out.splitlines()[-1])["funnel"]["played"] == 100
