"""The database as an event loop sees it: one thread with a connection of its own, so that transactions of one process queue instead of
colliding."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import ParamSpec, TypeVar

from django.db import connections

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseThread:
    """Runs synchronous database work for an event loop, one piece at a time, in the order asked for.

    An asynchronous context manager; leaving it waits for the work under way and closes the connection.
    """

    def __init__(self, name: str) -> None:
        self.executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``work(*args, **kwargs)`` in the thread; raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self.executor, partial(work, *args, **kwargs))

    async def __aenter__(self) -> "DatabaseThread":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.run(connections.close_all)
        self.executor.shutdown(wait=True)
