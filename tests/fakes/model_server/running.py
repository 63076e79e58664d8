"""A fake provider beside a test: in a thread with a loop of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from synthesis.services.database import DatabaseThread
from tests.fakes.model_server.http import port_of
from tests.fakes.model_server.library import Library
from tests.fakes.model_server.prepared import Prepared
from tests.fakes.model_server.provider import StudioProvider
from tests.fakes.model_server.server import FakeProvider


@contextlib.contextmanager
def running(provider: FakeProvider, port: int = 0) -> Iterator[FakeProvider]:
    """Serve until the block ends; ``provider.url`` says where."""
    loop, ready = asyncio.new_event_loop(), threading.Event()

    async def start() -> None:
        server = await provider.start(port)
        provider.url = f"http://127.0.0.1:{port_of(server)}/v1"
        ready.set()

    def work() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(20), "the provider did not start"
    try:
        yield provider
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)


@contextlib.contextmanager
def playing(defaults: Mapping[str, str] | None = None, record: Path | None = None) -> Iterator[FakeProvider]:
    """The provider that plays from the scenarios of this process's database."""
    database = DatabaseThread("fake-model")
    prepared = Prepared(record, record=True) if record else None
    try:
        with running(StudioProvider(Library(database), defaults, prepared)) as provider:
            yield provider
    finally:
        asyncio.run(database.__aexit__(None, None, None))
