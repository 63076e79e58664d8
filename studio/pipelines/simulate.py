"""Playing slices in this process: for a Celery task, and for the child processes of the embedded set-up."""

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any

import msgspec
import structlog
from django.conf import settings
from django.utils import timezone

from studio.pipelines import advance
from studio.pipelines.run_stage import RunStage
from studio.pipelines.slice import SliceLimits, SliceWork
from studio.pipelines.stage import Stage
from synthesis.adapters.process_lock import ProcessLock, sweep
from synthesis.models import Run
from synthesis.selectors import runs
from synthesis.services import leases

REST_LOOK = 1.0
"""Seconds between looks at a run of which nothing can be played before some moment: somebody may pause it meanwhile."""

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


def play_slice(
    *, slice_id: int, worker: str = "", limits: SliceLimits | None = None, stage_for: StageFor = RunStage, stop: Event | None = None
) -> int:
    """Take and play an asked-for slice; returns how many episodes it judged. Does nothing when the slice was taken or is too late.

    Setting ``stop`` ends it between two steps.
    """
    limits = limits or slice_limits()
    worker = worker or process_lock(os.getpid()).name
    lease = timedelta(seconds=limits.lease)
    if not leases.slice_take(slice_id=slice_id, worker=worker, lease=lease, now=timezone.now()):
        return 0
    run = runs.run_of_slice(slice_id)
    work = SliceWork(run_id=run.pk, slice_id=slice_id, stage=stage_for(run), limits=limits)
    try:
        with structlog.contextvars.bound_contextvars(run=run.pk, slice=slice_id):
            asyncio.run(_stoppable(work, stop) if stop else work.run())
    finally:
        leases.slice_end(slice_id=slice_id, played=work.judged, now=timezone.now())
    return work.judged


async def _stoppable(work: SliceWork, stop: Event) -> None:
    async def watch() -> None:
        while not stop.is_set():  # noqa: ASYNC110 - set by signal handlers and other threads, which no asyncio.Event allows
            await asyncio.sleep(0.1)
        work.stopping.set()
        work.moved.set()

    watching = asyncio.create_task(watch())
    await work.run()
    watching.cancel()


def slice_task(slice_id: int) -> None:
    """What a worker does with a message: the slice, then whatever the run needs next."""
    run = runs.run_of_slice(slice_id)
    play_slice(slice_id=slice_id)
    advance.advance(run_id=run.pk)


def play_run(*, run_id: int, stop: Event, limits: SliceLimits | None = None, stage_for: StageFor = RunStage) -> None:
    """Play slices of a run one after the other in this process until the run is over or paused, or ``stop`` is set."""
    limits = limits or slice_limits(idle=float(settings.STUDIO_SLICE_SECONDS))
    while not stop.is_set():
        run = runs.run_get(run_id)
        if run is None or run.status != "running" or runs.run_is_over(run_id):
            return
        if rest := runs.rest_of(run_id, timezone.now()):
            stop.wait(min(rest, REST_LOOK))
            continue
        slice_id = leases.slice_ask(run_id=run_id, patience=timedelta(seconds=limits.lease), now=timezone.now())
        play_slice(slice_id=slice_id, limits=limits, stage_for=stage_for, stop=stop)


def bury_the_dead() -> int:
    """End the leases of processes of this host that are gone without a word. Returns how many episodes that frees."""
    names = sweep(lock_folder())
    lost = [slice_id for name in names for slice_id in runs.slices_of_worker(name)]
    return leases.slices_lost(slices=lost, now=timezone.now()) if lost else 0
