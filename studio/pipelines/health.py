"""Whether the studio can do its work: database, migrations, broker, and workers that take what waits."""

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from studio import queue
from studio.pipelines.attend import has_broker
from synthesis.selectors.measures import last_claim, waiting_since

logger = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that each service has to answer."""
STALLED_SECONDS = 120.0
"""Work that waits longer without any slice being taken means that no worker does its duty."""


class Readiness(NamedTuple):
    """``reasons`` is empty when all is well; no reason names a host, a user or a password. Ages in seconds, None where unknown or none."""

    reasons: list[str]
    claim_age: float | None
    waiting: float | None


class Asked:
    """A question that may hang: asked in a thread of its own, and while one has no answer no other is asked."""

    def __init__(self, question: Callable[[], Any]) -> None:
        self.question = question
        self.hanging = Lock()

    def within(self, seconds: float) -> Any:
        """The answer. Raises TimeoutError when there is none yet, or what the question raised."""
        if not self.hanging.acquire(timeout=seconds):
            raise TimeoutError
        done, found = Event(), dict[str, Any]()

        def ask() -> None:
            try:
                found["answer"] = self.question()
            except Exception as error:  # noqa: BLE001 - handed to whoever asked
                found["error"] = error
            finally:
                connections.close_all()
                self.hanging.release()
                done.set()

        Thread(target=ask, name="health", daemon=True).start()
        if not done.wait(seconds):
            raise TimeoutError
        if "error" in found:
            raise found["error"]
        return found["answer"]


class Migrations:
    """Whether the database is as new as the code. Once it is, it stays so while this process lives."""

    applied = False

    def all_applied(self) -> bool:
        """Asked of the database until it is true."""
        if not self.applied:
            executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
            self.applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return self.applied


MIGRATIONS = Migrations()


def _database() -> tuple[bool, datetime | None, datetime | None]:
    """Whether all migrations are applied, when a slice was last taken, and since when work waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if not MIGRATIONS.all_applied():
        return False, None, None
    return True, last_claim(), waiting_since(timezone.now())


DATABASE, BROKER = Asked(_database), Asked(queue.broker_answers)


def readiness(now: datetime, patience: float = PATIENCE) -> Readiness:
    """Ask them all; takes at most twice ``patience``."""
    reasons: list[str] = []
    claimed = waiting = None
    try:
        migrated, claimed, waiting = DATABASE.within(patience)
        if not migrated:
            reasons.append("migrations are missing: manage migrate")
    except (DatabaseError, TimeoutError) as error:
        logger.warning("not ready: the database does not answer: %s", type(error).__name__)
        reasons.append("the database does not answer")
    if has_broker() and not _broker(patience):
        reasons.append("the broker does not answer")
    waits = (now - waiting).total_seconds() if waiting else None
    if waits is not None and waits > STALLED_SECONDS:
        reasons.append("no worker takes the work that waits")
    return Readiness(reasons, (now - claimed).total_seconds() if claimed else None, waits)


def _broker(patience: float) -> bool:
    try:
        return bool(BROKER.within(patience))
    except TimeoutError:
        return False
