"""A fake provider in a thread with an event loop of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.model_server.http import port_of
from tests.fakes.model_server.server import FakeProvider


@contextmanager
def provider_in_thread(fake: FakeProvider) -> Iterator[FakeProvider]:
    """``fake`` while it serves; its ``url`` leads to it."""
    loop, ready = asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        server = await fake.start()
        fake.url = f"http://127.0.0.1:{port_of(server)}/v1"
        ready.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield fake
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
