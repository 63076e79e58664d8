"""Throughput and memory of the whole pipeline: the ``synthesize`` command in a fresh data directory, once per size.

Memory is the peak over time of the resident sets of the command and all its descendants, less what they share counted once per process
(so it errs upwards).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def descendants(pid: int) -> list[int]:
    """``pid`` and all processes below it, from /proc."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        current = queue.pop()
        found.append(current)
        queue += parents.get(current, [])
    return found


def resident(pid: int) -> int:
    """Resident bytes of ``pid``; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def measure(episodes: int, slips: float, workers: int) -> dict[str, float]:
    """One run of ``episodes``; set-up (database, catalogue) is not counted."""
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "STUDIO_DATA": data}
        manage = [sys.executable, str(ROOT / "manage.py")]
        for command in ("migrate", "install_catalog"):
            subprocess.run(
                [*manage, command, "-v", "0"] if command == "migrate" else [*manage, command],
                env=environment,
                check=True,
                capture_output=True,
            )
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        arguments = ["synthesize", "--episodes", str(episodes), "--seed", "7", "--slips", str(slips), "--workers", str(workers), "--json"]
        process = subprocess.Popen([*manage, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        peak, peak_one = 0, 0
        while process.poll() is None:
            sizes = [resident(pid) for pid in descendants(process.pid)]
            peak, peak_one = max(peak, sum(sizes)), max([peak_one, *sizes])
            time.sleep(0.5)
        elapsed = time.monotonic() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        output = process.stdout.read() if process.stdout else ""
        report = json.loads(output.strip().splitlines()[-1])
    cpu = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return {
        "episodes": episodes,
        "kept": report["kept"],
        "episodes_per_second": report["episodes_per_second"],
        "seconds_in_all": elapsed,
        "cpu_ms_per_episode": 1000 * cpu / episodes,
        "peak_mb_all_processes": peak / 2**20,
        "peak_mb_largest_process": peak_one / 2**20,
    }


def main() -> None:
    """Print one line per size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--slips", type=float, default=0.15)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    for episodes in options.episodes:
        figures = measure(episodes, options.slips, options.workers)
        sys.stdout.write("  ".join(f"{name} {value:.1f}" for name, value in figures.items()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
