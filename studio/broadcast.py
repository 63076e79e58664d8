"""The only module that publishes live hints. A hint carries no content: whoever gets it reads the database.

With a channel layer (``CHANNEL_LAYER_URL``) a hint goes to the group of its topic; without one, sockets look every 250 ms and hints are
only counted. Hints may be lost, so nobody waits for one: they leave through a thread of their own, and what does not fit its queue is
dropped.
"""

import asyncio
import logging
import os
from collections import Counter
from functools import cache, partial
from threading import Thread

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

HINTS: Counter[str] = Counter()
MOST_WAITING = 1000


def group_of(topic: str) -> str:
    """The channel group of a topic: ``episode:12`` is ``episode.12``."""
    return topic.replace(":", ".")


def hint(topic: str) -> None:
    """After commit, tell whoever follows ``topic`` (``run:7``, ``episode:12``) that there is something new."""
    transaction.on_commit(partial(publish, topic))


def publish(topic: str) -> None:
    """Tell at once. Never blocks and never fails; callable from any thread, with or without an event loop."""
    HINTS[topic.split(":", maxsplit=1)[0]] += 1
    if settings.CHANNEL_LAYERS:
        sender(os.getpid()).put(topic)


class Sender:
    """A thread with an event loop that sends hints one after the other; the same topic waits once."""

    def __init__(self) -> None:
        self.waiting: dict[str, None] = {}
        self.loop = asyncio.new_event_loop()
        self.filled = asyncio.Event()
        Thread(target=self._run, name="hints", daemon=True).start()

    def put(self, topic: str) -> None:
        """Ask for a hint to be sent."""
        self.loop.call_soon_threadsafe(self._take, topic)

    def _take(self, topic: str) -> None:
        if len(self.waiting) < MOST_WAITING:
            self.waiting[topic] = None
        self.filled.set()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._send())

    async def _send(self) -> None:
        layer = get_channel_layer()
        assert layer is not None
        while True:
            await self.filled.wait()
            self.filled.clear()
            topics, self.waiting = list(self.waiting), {}
            for topic in topics:
                try:
                    await asyncio.wait_for(layer.group_send(group_of(topic), {"type": "hint"}), 2)
                except Exception as error:  # noqa: BLE001 - each layer has its own exceptions; a lost hint is no loss
                    logger.warning("hint %s was lost: %s", topic, error)
                    break


@cache
def sender(pid: int) -> Sender:
    """The sender of process ``pid``, which is the caller: a forked worker gets one of its own."""
    return Sender()
