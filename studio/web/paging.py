"""Lists in pages, by key: the next page begins after the last row of this one, however long the list is.

A view asks its selector for one row more than a page holds::

    after = read_cursor(request, int)
    page = page_of(run_list(after=after and after[0], limit=SIZE + 1), SIZE, lambda run: (run.pk,))

and the template says ``{% include "parts/pager.html" %}``. Filters live in the query string beside the cursor.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest

T = TypeVar("T")
Key = tuple[str | int | float, ...]
PARAMETER = "after"


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list; ``next`` is the cursor of the page after it, "" on the last one; ``first`` is false on later pages."""

    items: Sequence[T]
    next: str
    first: bool = True


def page_of(rows: Sequence[T], size: int, key: Callable[[T], Key], *, first: bool = True) -> Page[T]:
    """The page that ``rows`` (up to ``size`` + 1 of them) begin with."""
    return Page(rows[:size], cursor_of(key(rows[size - 1])) if len(rows) > size else "", first)


def cursor_of(key: Key) -> str:
    """A key as text for a URL."""
    return urlsafe_b64encode(json.dumps(key, ensure_ascii=False).encode()).decode().rstrip("=")


def read_cursor(request: HttpRequest, *kinds: type) -> Key | None:
    """The key in ``?after=``, whose parts are of ``kinds``; None (the first page) when there is none or somebody made one up."""
    text = request.GET.get(PARAMETER, "")
    try:
        key = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4))) if text.isascii() else None
    except ValueError:
        return None
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds) or any(_beyond(part) for part in key):
        return None
    return tuple(key)


def _beyond(part: object) -> bool:
    """Whether a number does not fit a database column, which would raise instead of finding nothing; or a text holds NUL."""
    return (isinstance(part, int) and abs(part) >= 2**63) or (isinstance(part, str) and "\x00" in part)
