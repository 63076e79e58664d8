"""The only module that publishes live hints. A hint carries no content: whoever gets it reads the database.

No set-up listens yet, so hints are counted and dropped; the live pages replace ``publish``.
"""

from collections import Counter
from functools import partial

from django.db import transaction

HINTS: Counter[str] = Counter()


def hint(topic: str) -> None:
    """After commit, tell whoever follows ``topic`` (``run:7``, ``episode:12``) that there is something new."""
    transaction.on_commit(partial(publish, topic))


def publish(topic: str) -> None:
    """Count the hint."""
    HINTS[topic.split(":", maxsplit=1)[0]] += 1
