"""Moments in steps of equal length, counted in the database."""

from typing import Any

from django.db.models import BigIntegerField, Func
from django.db.models.expressions import Combinable


class Step(Func):
    """The number of the step of ``seconds`` since 1970 in which a moment lies: a whole number on both databases, to group by."""

    output_field = BigIntegerField()

    def __init__(self, moment: str | Combinable, seconds: int) -> None:
        super().__init__(moment)
        self.extra["seconds"] = seconds

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite keeps moments as text in UTC."""
        # Without fractions, which strftime would round. Percent signs are halved twice: by the template and by the database's parameters.
        return super().as_sql(
            compiler, connection, template="(CAST(strftime('%%%%s', substr(%(expressions)s, 1, 19)) AS INTEGER) / %(seconds)d)", **context
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """PostgreSQL knows moments."""
        return super().as_sql(compiler, connection, template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / %(seconds)d)::bigint", **context)
