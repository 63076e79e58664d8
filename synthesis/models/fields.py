"""Column types of our own."""

from typing import Any

import msgspec
from django.db import NotSupportedError, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Value
from django.db.models.fields.json import JSONExact


class ExactJSONField(models.JSONField):
    """JSON kept exactly as it was written; takes msgspec structs too, gives plain values back.

    PostgreSQL's ``jsonb`` sorts keys and rewrites numbers, so a row exported from it would differ from the same row exported from SQLite.
    Its ``json`` type keeps the text, as SQLite does. The price: no containment look-ups, which nobody asks of these columns, and
    no comparing in the database, which is refused on SQLite too.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """``json`` on PostgreSQL, what Django chooses elsewhere."""
        return "json" if connection.vendor == "postgresql" else super().db_type(connection)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """JSON text."""
        if isinstance(value, Value):
            value = value.value
        elif hasattr(value, "as_sql"):
            return value
        return msgspec.json.encode(value).decode()

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        """The value of JSON text; some drivers have decoded it already."""
        return msgspec.json.decode(value) if isinstance(value, str) else value


@ExactJSONField.register_lookup
class Compared(JSONExact):
    """Refused everywhere, so that a query that PostgreSQL cannot answer does not pass on SQLite."""

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotSupportedError."""
        raise NotSupportedError("PostgreSQL compares no two values of type json: read them and compare them in Python, or ask isnull.")
