"""The embedded broker: kombu's SQLAlchemy transport on SQLite, with what it lacks.

- ``polling_interval`` as a transport option (kombu hands every option it does not know to SQLAlchemy, which refuses it);
- a write-ahead log and a busy timeout, so that workers and publishers do not fail each other;
- a delivered message is deleted instead of kept with ``visible = False`` for ever.

Nothing depends on it keeping a message: leases and the tick find work that was lost (docs/decisions).
"""

from importlib import import_module
from queue import Empty
from typing import Any

from kombu.utils.encoding import bytes_to_str
from kombu.utils.json import loads
from sqlalchemy import Engine, NullPool, create_engine, event, text

kombu_sqlalchemy: Any = import_module("kombu.transport.sqlalchemy")
"""Any: the published type hints know little of this transport."""

LONGEST_WAIT = 0.5


def _prepare(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


class Channel(kombu_sqlalchemy.Channel):  # type: ignore[misc]
    """One connection's queues. See the module docstring."""

    def _engine_from_config(self) -> Engine:
        # No pool: a forked worker must not inherit an open SQLite connection, and opening one costs little.
        engine = create_engine(self.connection.client.hostname, poolclass=NullPool, connect_args={"timeout": 20})
        event.listen(engine, "connect", _prepare)
        return engine

    def _get(self, queue: str) -> Any:
        row = self._get_or_create(queue)
        # Looking first takes no write lock: an idle worker polls ten times a second.
        self.session.commit()
        found = self.session.query(self.message_cls.id).filter_by(queue_id=row.id, visible=True).first()
        self.session.commit()
        if found is None:
            raise Empty
        self.session.execute(text("BEGIN IMMEDIATE TRANSACTION"))
        try:
            first = self.session.query(self.message_cls).filter_by(queue_id=row.id, visible=True)
            message = first.order_by(self.message_cls.sent_at, self.message_cls.id).first()
            if message is None:
                raise Empty
            self.session.delete(message)
            return loads(bytes_to_str(message.payload))
        finally:
            self.session.commit()


class Transport(kombu_sqlalchemy.Transport):  # type: ignore[misc]
    """Named in ``CELERY_BROKER_TRANSPORT``."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None) -> Any:
        """Wait for a message, but never long: a worker looks at whether it should end only in between."""
        return super().drain_events(connection, timeout=min(timeout or LONGEST_WAIT, LONGEST_WAIT))
