"""Lock files that tell whether a process lives.

The kernel lets an ``flock`` go when its process dies, however it dies; a process id proves nothing, since it may be a zombie's or have
been given out again.
"""

import fcntl
import os
from pathlib import Path
from typing import IO
from uuid import uuid4


class ProcessLock:
    """Held by a process from its making to its death. ``name`` is unique to it."""

    def __init__(self, folder: Path, kind: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.pid = folder, os.getpid()
        self.name = f"{kind}-{self.pid}-{uuid4().hex[:8]}"
        self.file: IO[str] = (folder / self.name).open("w")
        fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        """Let the lock go and take its file away."""
        (self.folder / self.name).unlink(missing_ok=True)
        self.file.close()


def is_dead(folder: Path, name: str) -> bool:
    """Whether the process that held lock ``name`` in ``folder`` is known to be gone.

    False when it lives, or ran where we cannot see its file.
    """
    path = folder / name
    if not name or not path.exists():
        return False
    with path.open("r") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def sweep(folder: Path) -> list[str]:
    """Names of dead processes' locks; their files are taken away."""
    if not folder.is_dir():
        return []
    dead = sorted(path.name for path in folder.iterdir() if is_dead(folder, path.name))
    for name in dead:
        (folder / name).unlink(missing_ok=True)
    return dead
