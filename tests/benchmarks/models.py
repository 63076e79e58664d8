"""Language models in both seats, at the fake provider: share of what its latency allows, and CPU per call, with events and judging written
to PostgreSQL.

A run is played once and its answers recorded; copies of its database are then played with prepared answers, so that the provider costs
little. Scenarios are generated beforehand. Figures are of the middle half of the calls, where all places are taken, and of the whole.
"""

import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.benchmarks.pipeline import ROOT, descendants
from tests.services import postgres_database

TICK = os.sysconf("SC_CLK_TCK")
CALLS = """
SELECT extract(epoch FROM created)::float FROM synthesis_event
WHERE kind = 'message' AND payload::jsonb ? 'usage' AND payload::jsonb -> 'usage' <> 'null' ORDER BY 1
"""


class Sample(NamedTuple):
    """CPU seconds so far of the studio's processes, the provider and the database's backends, at a moment."""

    moment: float
    studio: float
    provider: float
    database: float


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and of the children it has waited for; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / TICK


def backends(name: str) -> list[int]:
    """Processes of PostgreSQL that serve database ``name``."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes()
                if line.startswith(b"postgres:") and name.encode() in line:
                    found.append(int(entry.name))
    return found


@contextlib.contextmanager
def copy_of(url: str) -> Iterator[str]:
    """A copy of a database, as a URL."""
    parts = urlsplit(url)
    name, other = parts.path.lstrip("/"), f"{parts.path.lstrip('/')}_copy"
    with psycopg.connect(urlunsplit(parts._replace(scheme="postgresql", path="/postgres")), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{other}" TEMPLATE "{name}"')
        try:
            yield urlunsplit(parts._replace(path=f"/{other}"))
        finally:
            admin.execute(f'DROP DATABASE "{other}" WITH (FORCE)')


@contextlib.contextmanager
def provider(environment: dict[str, str], *arguments: str) -> Iterator[tuple[int, str]]:
    """The fake provider, started; gives its process and its address."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "bin/fake_model.py"), "--port", "0", *arguments], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "the provider did not start"
        yield process.pid, found[0]
    finally:
        process.terminate()
        print("   provider:", process.communicate()[0].strip())


def played(
    environment: dict[str, str], base: str, workers: int, *arguments: str, flight: int, budget: bool, profile: Path | None = None
) -> tuple[list[Sample], list[float], int]:
    """Play a copy of ``base``: samples of CPU, moments of calls, and how many episodes were judged."""
    with copy_of(base) as url, provider({**environment, "DATABASE_URL": url}, *arguments) as (serving, address):
        plain = urlunsplit(urlsplit(url)._replace(scheme="postgresql"))
        with psycopg.connect(plain, autocommit=True) as database:
            database.execute("UPDATE synthesis_modelendpoint SET base_url = %s, concurrency = %s", [address, max(flight // workers, 1)])
            [[run]] = database.execute("SELECT id FROM synthesis_run").fetchall()
            if not budget:
                database.execute("DELETE FROM synthesis_budget")
        profiler = ["-m", "cProfile", "-o", str(profile)] if profile else []
        command = [sys.executable, *profiler, str(ROOT / "manage.py"), "play_run", str(run)]
        children = [subprocess.Popen(command, env={**environment, "DATABASE_URL": url}, stdin=subprocess.PIPE) for _ in range(workers)]
        samples, spent = [], dict[int, float]()
        while any(child.poll() is None for child in children):
            for pid in backends(urlsplit(url).path.lstrip("/")):
                spent[pid] = max(spent.get(pid, 0.0), cpu_of(pid))
            studio = sum(cpu_of(pid) for child in children for pid in descendants(child.pid))
            samples.append(Sample(time.time(), studio, cpu_of(serving), sum(spent.values())))
            time.sleep(0.2)
        assert all(child.returncode == 0 for child in children)
        with psycopg.connect(plain) as database:
            moments = [row[0] for row in database.execute(CALLS).fetchall()]
            [[judged]] = database.execute("SELECT count(*) FROM synthesis_episode WHERE status = 'judged'").fetchall()
            failures = database.execute("SELECT failure ->> 'kind', count(*) FROM synthesis_episode WHERE failure IS NOT NULL GROUP BY 1")
            for kind, count in failures.fetchall():
                print(f"   failed: {count} {kind}")
        return samples, moments, judged


def told(title: str, samples: list[Sample], moments: list[float], judged: int, ceiling: float) -> None:
    """Print the figures of one run."""
    first, last = moments[len(moments) // 4], moments[3 * len(moments) // 4]
    calls, seconds = len(moments) // 2, last - first
    start, end = (min(samples, key=lambda sample, at=at: abs(sample.moment - at)) for at in (first, last))  # type: ignore[misc]
    share = f", {calls / seconds / ceiling:.0%} of {ceiling:.0f}" if ceiling else ""
    print(f"{title}: {judged} episodes, {len(moments)} calls, {len(moments) / judged:.1f} an episode; load {os.getloadavg()[0]:.1f}")
    print(f"   middle half: {calls / seconds:.0f} calls/s{share}; CPU per 10 calls:", end=" ")
    print(", ".join(f"{name} {1e4 * (end[at] - start[at]) / calls:.1f} ms" for at, name in enumerate(Sample._fields) if at))
    whole = samples[-2] if len(samples) > 1 else samples[-1]
    print(f"   whole run with start-up: studio {1e4 * whole.studio / len(moments):.1f} ms per 10 calls", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=1200)
    parser.add_argument("--flight", type=int, default=128, help="calls in flight at most, over all workers")
    parser.add_argument("--episodes-at-once", type=int, default=0, help="over all workers (default: half as many again as calls in flight)")
    parser.add_argument("--latency", type=int, nargs="+", default=[200, 0], help="milliseconds, one measurement each")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--budget", action="store_true", help="with a budget: every call is reserved and settled in the database")
    parser.add_argument("--profile", type=Path, help="write a profile (of the event loop) there, and measure nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data, postgres_database() as base:
        # While an episode calls a tool or is written down, another one's call takes its place in flight.
        width = str(max((options.episodes_at_once or options.flight * 3 // 2) // options.workers, 1))
        environment = {**os.environ, "STUDIO_DATA": data, "STUDIO_SLICE_WIDTH": width, "DATABASE_URL": base}
        making = [sys.executable, "-m", "tests.benchmarks.models_base", "--episodes", str(options.episodes), "--budget"]
        subprocess.run(making, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        answers = str(Path(data) / "answers")
        recorded = played(environment, base, options.workers, "--record", answers, flight=options.flight, budget=options.budget)
        told("recording, the provider thinks for itself", *recorded, 0)
        if options.profile:
            played(environment, base, 1, "--prepared", answers, flight=options.flight, budget=options.budget, profile=options.profile)
            return
        for latency in options.latency:
            result = played(
                environment,
                base,
                options.workers,
                "--prepared",
                answers,
                "--latency",
                str(latency),
                flight=options.flight,
                budget=options.budget,
            )
            told(f"{latency} ms, prepared answers", *result, 1000 * options.flight / latency if latency else 0)


if __name__ == "__main__":
    main()
