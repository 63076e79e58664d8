"""Pages by key: a cursor is the key of the last row, opaque to the caller."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

USUAL, MOST = 50, 200
Key = int | str


class PageQuery(serializers.Serializer[Any]):
    """What every list takes."""

    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST, default=USUAL, help_text="Rows of a page.")
    cursor = serializers.CharField(required=False, max_length=600, help_text="From `next` of the page before.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A misspelt filter would silently give the whole list, so unknown names are refused."""
        unknown = set(self.initial_data) - set(self.fields)
        if unknown:
            raise ValidationError({name: ["There is no such parameter."] for name in sorted(unknown)})
        return attrs


def key_of(cursor: str | None, kind: type[Key]) -> Key | None:
    """The key in a cursor. Raises ValidationError for one that somebody made up."""
    if cursor is None:
        return None
    try:
        key = json.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        key = None
    if type(key) is not kind or (isinstance(key, int) and abs(key) >= 2**63) or (isinstance(key, str) and not _storable(key)):
        raise ValidationError({"cursor": ["This is no cursor of this list."]})
    return key


def _storable(text: str) -> bool:
    return "\x00" not in text and text.isprintable()


def cursor_of(key: Key) -> str:
    """A key as a cursor."""
    return urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def page(request: Request, rows: Sequence[Any], limit: int, key: str, serializer: type[serializers.BaseSerializer[Any]]) -> dict[str, Any]:
    """``{items, next}`` from up to ``limit`` + 1 rows."""
    url = None
    if len(rows) > limit:
        rows = rows[:limit]
        query = request.query_params.copy()
        query["cursor"] = cursor_of(getattr(rows[-1], key))
        url = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    return {"items": serializer(rows, many=True, context={"request": request}).data, "next": url}
