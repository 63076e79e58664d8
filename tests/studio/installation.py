"""A whole installation for tests that need real processes: a database of its own, a small catalogue, the commands as a user calls them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
QUICK = {"STUDIO_LEASE_SECONDS": "3", "STUDIO_HEARTBEAT_SECONDS": "1", "STUDIO_TICK_SECONDS": "1", "STUDIO_SLICE_WIDTH": "16"}

CATALOGUE = """
import django; django.setup()
from synthesis.adapters import starter_files
from synthesis.services.people import people_install
from tests.builders_runs import install
install({slugs})
people_install(personas=starter_files.personas(), profiles=starter_files.agent_profiles())
"""


class Installation:
    """Processes of one installation. ``environment`` as ``studio_environment`` gives it, with whatever switches services on."""

    def __init__(self, environment: Mapping[str, str], *slugs: str) -> None:
        self.environment = {**environment, **QUICK, "PYTHONPATH": str(ROOT)}
        self.finish("migrate", "-v0")
        names = ", ".join(repr(slug) for slug in slugs or ("vet_clinic", "retail_orders"))
        subprocess.run([sys.executable, "-c", CATALOGUE.format(slugs=names)], env=self.environment, cwd=ROOT, check=True, timeout=120)

    @property
    def data(self) -> Path:
        """The data folder."""
        return Path(self.environment["STUDIO_DATA"])

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start a management command in a session of its own."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            env={**self.environment, **more},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def finish(self, *arguments: str, expect: int = 0, timeout: float = 300) -> tuple[str, str]:
        """Run a management command to its end; what it printed on either stream."""
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            kill_tree(process.pid)
            raise
        assert process.returncode == expect, f"exit code {process.returncode}\n{out}\n{err}"
        return out, err

    def synthesize(self, *arguments: str, **more: Any) -> dict[str, Any]:
        """Run ``synthesize --json`` to its end; its summary."""
        out, _ = self.finish("synthesize", *arguments, "--json", **more)
        summary: dict[str, Any] = json.loads(out.splitlines()[-1])
        return summary

    def ask(self, program: str) -> Any:
        """What ``program`` prints as JSON, run in this installation after ``django.setup()``."""
        text = f"import json, django; django.setup()\n{program}"
        command = [sys.executable, "-c", text]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, check=True, capture_output=True, text=True, timeout=120)
        return json.loads(done.stdout.splitlines()[-1])

    def run(self, *arguments: str) -> int:
        """Run Python with ``arguments`` in this installation; its exit code."""
        return subprocess.run([sys.executable, *arguments], env=self.environment, cwd=ROOT, timeout=120).returncode

    def counts(self, run: int = 1) -> dict[str, int]:
        """Episodes of a run by status."""
        counts: dict[str, int] = self.ask(f"from synthesis.selectors.runs import run_counts\nprint(json.dumps(run_counts({run})))")
        return counts

    def damage(self, run: int = 1) -> list[str]:
        """What is wrong with the logs of a finished run; see CHECK_LOGS."""
        wrong: list[str] = self.ask(CHECK_LOGS.format(run=run))
        return wrong


CHECK_LOGS = """
import asyncio
from judging.models import Judgement
from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.environments.local import LocalWorlds
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from synthesis.models import Episode, Run, Scenario
from synthesis.selectors import catalog, runs
from synthesis.services.claims import read_logs
import msgspec
from synthesis.engine.scenarios.scenario import Scenario as Task
run = Run.objects.get(pk={run})
packs = catalog.packs(runs.release_digests(run))
worlds = LocalWorlds(packs.__getitem__, StarlarkInterpreter())
wrong = []
for episode in Episode.objects.filter(run=run).order_by("index").select_related("scenario"):
    where = f"episode {{episode.index}}"
    log = read_logs([episode.pk]).get(episode.pk, [])
    if episode.status != "judged":
        wrong.append(f"{{where}} is {{episode.status}}: {{episode.failure}}")
        continue
    if [event.seq for event in log] != list(range(episode.next_seq)):
        wrong.append(f"{{where}}: numbers {{[event.seq for event in log]}}")
    if [event.kind for event in log].count("episode_ended") != 1 or log[-1].kind != "episode_ended":
        wrong.append(f"{{where}}: end")
    if read_trajectory(log).problems:
        wrong.append(f"{{where}}: {{read_trajectory(log).problems}}")
    task = msgspec.convert(episode.scenario.body, Task)
    environment = asyncio.run(worlds.open(task, call_records(read_trajectory(log))))
    if environment.digest != episode.digest:
        wrong.append(f"{{where}}: digest")
    if Judgement.objects.filter(episode=episode).count() != 1:
        wrong.append(f"{{where}}: judgements")
print(json.dumps(wrong))
"""


def children(pid: int) -> list[int]:
    """Direct children of a process."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def descendants(pid: int) -> list[int]:
    """All processes below a process, nearest first."""
    found = children(pid)
    for child in list(found):
        found += descendants(child)
    return found


def kill(pid: int) -> None:
    """``kill -9``; gone already is fine."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def kill_tree(pid: int) -> None:
    """``kill -9`` of a process that this suite started and of everything below it."""
    for victim in [pid, *descendants(pid)]:
        kill(victim)


def until(condition: Any, seconds: float = 60.0) -> None:
    """Wait until ``condition()`` is true."""
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, "it did not come to pass"
        sleep(0.1)


def digests(summary: Mapping[str, Any]) -> dict[str, str]:
    """sha256 of every file of a summary, by format."""
    return {name: sha256(Path(path).read_bytes()).hexdigest() for name, path in summary["files"].items()}
