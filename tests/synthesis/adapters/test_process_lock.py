"""Whether a process lives is asked of the kernel."""

import subprocess
import sys
import time
from pathlib import Path

from synthesis.adapters.process_lock import ProcessLock, is_dead, sweep

HOLD = """
import pathlib, sys
from synthesis.adapters.process_lock import ProcessLock
lock = ProcessLock(pathlib.Path(sys.argv[1]), "p")
print(lock.name, flush=True)
input()
"""


def holder(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """A process that holds a lock, and the lock's name."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_a_killed_process_is_known_to_be_dead_even_as_a_zombie(tmp_path: Path) -> None:
    process, name = holder(tmp_path)
    assert not is_dead(tmp_path, name) and sweep(tmp_path) == []
    process.kill()
    deadline = time.monotonic() + 10
    while not is_dead(tmp_path, name):  # not waited for: it stays a zombie
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert sweep(tmp_path) == [name] and sweep(tmp_path) == []
    process.communicate()


def test_a_process_elsewhere_is_not_known_to_be_dead(tmp_path: Path) -> None:
    assert not is_dead(tmp_path, "slice-1-elsewhere") and not is_dead(tmp_path, "")
    assert sweep(tmp_path / "missing") == []


def test_a_released_lock_leaves_nothing(tmp_path: Path) -> None:
    lock = ProcessLock(tmp_path, "x")
    assert not is_dead(tmp_path, lock.name)
    lock.release()
    assert list(tmp_path.iterdir()) == []
