"""What a write does to a row."""

from typing import Any

import msgspec


class RowChange(msgspec.Struct, frozen=True):
    """One changed row of a net delta: ``before`` None is an insert, ``after`` None a delete."""

    table: str
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
