"""Playing slices in this process: for a Celery task, and for the child processes of the embedded set-up."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.utils import timezone

from studio.pipelines import advance
from studio.pipelines.slice import SliceLimits, SliceWork
from studio.pipelines.stage import ScriptedStage, Stage
from synthesis.adapters.process_lock import ProcessLock
from synthesis.models import Run
from synthesis.selectors import runs
from synthesis.services import leases

StageFor = Callable[[Run], Stage]

def lock_folder() -> Path:
    """Where processes of this host keep their lock files."""
    return Path(settings.STUDIO_DATA) / "locks"


@cache
def process_lock(pid: int) -> ProcessLock:
    """The lock of process ``pid``, which is the caller: a forked worker gets one of its own."""
    return ProcessLock(lock_folder(), "slice")


def slice_limits(**changes: Any) -> SliceLimits:
    """The limits of the settings, with ``changes``."""
    limits = SliceLimits(
        width=settings.STUDIO_SLICE_WIDTH,
        seconds=settings.STUDIO_SLICE_SECONDS,
        lease=settings.STUDIO_LEASE_SECONDS,
        heartbeat=settings.STUDIO_HEARTBEAT_SECONDS,
        poison=settings.STUDIO_POISON_LIMIT,
    )
    return msgspec.structs.replace(limits, **changes)


def play_slice(*, slice_id: int, worker: str = "", limits: SliceLimits | None = None, stage_for: StageFor = ScriptedStage, signals: bool = False) -> int:
    """Take and play an asked-for slice; returns how many episodes it judged. Does nothing when the slice was taken or is too late.

    ``signals``: SIGINT and SIGTERM end it between two steps. Afterwards the run is advanced, so that the next slice is asked for at once.
    """
    limits = limits or slice_limits()
    worker = worker or process_lock(os.getpid()).name
    lease = timedelta(seconds=limits.lease)
    if not leases.slice_take(slice_id=slice_id, worker=worker, lease=lease, now=timezone.now()):
        return 0
    run = runs.run_of_slice(slice_id)
    work = SliceWork(run_id=run.pk, slice_id=slice_id, stage=stage_for(run), limits=limits)
    try:
        asyncio.run(_interruptible(work) if signals else work.run())
    finally:
        leases.slice_end(slice_id=slice_id, played=work.judged, now=timezone.now())
    return work.judged


async def _interruptible(work: SliceWork) -> int:
    def stop() -> None:
        work.stopping.set()
        work.moved.set()

    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stop)
    return await work.run()


def slice_task(slice_id: int) -> None:
    """What a worker does with a message: the slice, then whatever the run needs next."""
    run = runs.run_of_slice(slice_id)
    if play_slice(slice_id=slice_id):
        advance.advance(run_id=run.pk)
