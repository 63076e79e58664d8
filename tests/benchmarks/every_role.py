"""The fake provider in every role: episodes of all variations, judged by a panel of three, exported; and whether all sums agree.

Whole processes through ``synthesize``, as a user calls it, with the whole starter catalogue. On SQLite; ``--postgres`` on PostgreSQL.
"""

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.models import provider
from tests.benchmarks.pipeline import ROOT
from tests.every_role import command_line, counted, endpoints_made, wrong_rows, wrong_sums
from tests.services import postgres_database
from tests.studio.installation import Installation


class Whole(Installation):
    """An installation with the whole starter catalogue and the usual settings."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = {**environment, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "studio.settings.embedded"}
        self.finish("migrate", "-v0")
        self.finish("install_catalog")


def main() -> None:
    """Play, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data, contextlib.ExitStack() as stack:
        environment = {**os.environ, "STUDIO_DATA": data}
        if options.postgres:
            environment["DATABASE_URL"] = stack.enter_context(postgres_database())
        place = Whole(environment)
        _, url = stack.enter_context(provider(place.environment))
        endpoints_made(place, url)
        began = time.time()
        arguments = command_line(options.episodes, "--seed", str(options.seed), "--workers", str(options.workers))
        summary = place.synthesize(*arguments, timeout=3600)
        seconds, found = time.time() - began, counted(place, summary["run"])
        rows = [json.loads(line) for line in Path(summary["files"]["trajectories"]).read_text("utf-8").splitlines()]
        told(summary, found, seconds, rows)
        wrong = wrong_sums(found) + wrong_rows(rows)
        sys.stdout.write("\n".join(wrong or ["all sums agree, and every row says who played"]) + "\n")
    sys.exit(bool(wrong))


def told(summary: dict[str, Any], found: dict[str, Any], seconds: float, rows: list[Any]) -> None:
    """Print what came."""
    print(f"{summary['episodes']} episodes in {seconds:.0f} s, {summary['kept']} kept, {len(rows)} rows; load {os.getloadavg()[0]:.1f}")
    for name in (
        "status",
        "outcomes",
        "variations",
        "passed",
        "decides",
        "by_endpoint",
        "usage",
        "events",
        "panel",
        "budget",
        "errors",
        "failed",
    ):
        print(f"   {name}: {json.dumps(found[name])}")
    print(f"   funnel: {json.dumps(summary['funnel'])}")


if __name__ == "__main__":
    main()
