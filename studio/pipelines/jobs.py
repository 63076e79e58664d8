"""Jobs with a lease, as every pipeline does them: prolonged while somebody works, asked for again when nobody does."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any, ParamSpec, Protocol, TypeVar

from django.db import OperationalError
from django.db.models import Manager

from studio.pipelines.attend import has_broker
from synthesis.services.jobs import jobs_asked

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = timedelta(seconds=60)
"""How long a job may wait for a worker before its message counts as lost."""


class Lost(Exception):
    """Somebody else does the job by now, or nobody wants it any more."""


class FindLost(Protocol):
    """A selector of jobs on which nobody works although a worker was asked for before ``asked_before``."""

    def __call__(self, *, now: datetime, asked_before: datetime) -> Sequence[int]:
        """Their ids, oldest first."""


def ask_worker(enqueue: Callable[[int], None], job_id: int) -> None:
    """Ask for a job at once where Celery workers are. Elsewhere the serving command finds it: hands."""
    if has_broker():
        enqueue(job_id)


def ask_again(jobs: Manager[Any], find: FindLost, enqueue: Callable[[int], None], *, now: datetime) -> list[int]:
    """Enqueue those of ``jobs`` whose message or worker was lost, or whose moment has come. Returns their ids."""
    lost = list(find(now=now, asked_before=now - PATIENCE))
    if lost:
        jobs_asked(jobs=jobs, ids=lost, now=now)
    for job_id in lost:
        enqueue(job_id)
    return lost


def still_ours(job: str, prolong: Callable[P, bool], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Whether a job is still ours, by ``prolong(*args, **kwargs)``. A database that does not answer is told at the next beat: a lease
    outlasts many of them.
    """
    try:
        return prolong(*args, **kwargs)
    except OperationalError as error:
        logger.warning("%s: the database does not answer, trying again: %s", job, error)
        return True


async def watched(work: Coroutine[Any, Any, T], go_on: Callable[[], Awaitable[bool]], every: float) -> T:
    """What comes of ``work``, which is called off as soon as ``go_on``, asked every so many seconds, says no. Raises Lost."""
    task = asyncio.create_task(work)
    try:
        while not (await asyncio.wait([task], timeout=every))[0]:
            if not await go_on():
                raise Lost
        return task.result()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task


@contextlib.asynccontextmanager
async def beating(go_on: Callable[[], Awaitable[bool]], every: float) -> AsyncIterator[Callable[[], bool]]:
    """Ask ``go_on`` every so many seconds while the work inside goes on. Gives whether it said no: for work that is not to be called off
    in the middle of something that was paid for.
    """

    async def beat() -> None:
        going = True
        while going:
            await asyncio.sleep(every)
            going = await go_on()

    heart = asyncio.create_task(beat())
    try:
        yield heart.done
    finally:
        heart.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await heart
