"""Whether there is room for what a run will write, found out before it starts."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from django.conf import settings

LOG_BYTES = 25_000
"""What an episode takes in the database, measured: scenario, log and judgement."""
ROW_BYTES = 27_000
"""What an exported row takes in all formats together, measured."""
LEAST_FREE = 32 * 1024 * 1024


class NoRoom(Exception):
    """A place cannot be written, or not enough. The text says which, why and what to do."""


def check_out(folder: Path, episodes: int) -> None:
    """Make sure that ``folder`` can hold the files of ``episodes``; leaves no trace in it. Raises NoRoom."""
    nearest = folder
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise NoRoom(f"--out {folder}: {nearest} is a file, not a folder. Choose another folder.")
    probe = nearest / f".room-{uuid4().hex[:8]}"
    try:
        probe.write_bytes(os.urandom(4096))
    except OSError as error:
        raise NoRoom(
            f"--out {folder}: {nearest} cannot be written ({error.strerror}). Make it writable or choose another folder."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)
    _check_free(f"--out {folder}", nearest, episodes * ROW_BYTES)


def check_data(folder: Path, episodes: int) -> None:
    """Make sure that the data folder (where an embedded database grows) has room for ``episodes``. Raises NoRoom."""
    _check_free(f"STUDIO_DATA {folder}", folder, episodes * LOG_BYTES)


def _check_free(name: str, folder: Path, needed: int) -> None:
    needed += LEAST_FREE
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NoRoom(
            f"{name}: the disk has {free / 1e6:,.0f} MB free, this run needs about {needed / 1e6:,.0f} MB. "
            "Free some space or choose another disk."
        )


class Disk(NamedTuple):
    """The disk of the data folder in bytes, and for how many more episodes it has room."""

    free: int
    total: int
    room: int


def disk() -> Disk:
    """How full the disk of the data folder is."""
    usage = shutil.disk_usage(Path(settings.STUDIO_DATA))
    return Disk(usage.free, usage.total, max(0, usage.free - LEAST_FREE) // (LOG_BYTES + ROW_BYTES))
