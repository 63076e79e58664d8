"""What an endpoint sees of eight workers: that its rate is never exceeded, and how often it is tried while it is down.

``--rate 60 --seconds 180``: the most requests in any minute. ``--outage 300 --seconds 360``: requests during the outage, and that the run
goes on by itself afterwards. Whole processes on PostgreSQL; run by hand.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.benchmarks.models import provider
from tests.benchmarks.pipeline import ROOT
from tests.services import postgres_database

MINUTE = 60.0


def most_in_a_minute(moments: list[float]) -> int:
    """The largest number of moments within any sixty seconds."""
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= MINUTE:
            first += 1
        most = max(most, last - first + 1)
    return most


def main() -> None:
    """Play, and print what came."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--episodes", type=int, default=120)
    parser.add_argument("--rate", type=int, help="requests a minute that the endpoint allows")
    parser.add_argument("--outage", type=int, default=0, help="seconds")
    parser.add_argument("--seconds", type=int, default=180)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data, postgres_database() as url:
        log = Path(data) / "requests"
        environment = {**os.environ, "STUDIO_DATA": data, "STUDIO_SLICE_WIDTH": "4", "DATABASE_URL": url}
        making = [sys.executable, "-m", "tests.benchmarks.models_base", "--episodes", str(options.episodes)]
        subprocess.run(making, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        plain = urlunsplit(urlsplit(url)._replace(scheme="postgresql"))
        with provider(environment, "--log", str(log), "--outage", str(options.outage)) as (_, address):
            with psycopg.connect(plain, autocommit=True) as database:
                database.execute("UPDATE synthesis_modelendpoint SET base_url = %s, requests_a_minute = %s", [address, options.rate])
                [[run]] = database.execute("SELECT id FROM synthesis_run").fetchall()
            command = [sys.executable, str(ROOT / "manage.py"), "play_run", str(run)]
            workers = [subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) for _ in range(options.workers)]
            end = time.time() + options.seconds
            while time.time() < end and any(worker.poll() is None for worker in workers):
                time.sleep(1)
            for worker in workers:
                assert worker.stdin
                worker.stdin.close()
            for worker in workers:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    worker.wait(60)
                worker.kill()
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        with psycopg.connect(plain) as database:
            [[status, judged]] = database.execute(
                "SELECT status, (SELECT count(*) FROM synthesis_episode WHERE status = 'judged') FROM synthesis_run"
            ).fetchall()
    probes = sum(down for *_, down in lines)
    moments = sorted(moment for moment, *_ in lines)
    print(
        f"{len(lines)} requests by {options.workers} workers, at most {most_in_a_minute(moments)} in any minute (allowed: {options.rate})"
    )
    print(f"{probes} requests during the outage of {options.outage} s; the run is {status}, {judged} episodes judged")


if __name__ == "__main__":
    main()
