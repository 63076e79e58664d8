"""Filters of lists, as the query string gives them."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from studio.web.cast.words import ACTIVE, Word

SCALE: dict[str, Word] = {str(n): str(n) for n in range(1, 6)}
MOST_WORDS = 200


def words_of(request: HttpRequest) -> str:
    """What is searched for."""
    return request.GET.get("words", "").replace("\x00", "").strip()[:MOST_WORDS]


def choices_of(request: HttpRequest, tables: Mapping[str, Mapping[str, Word]]) -> dict[str, str]:
    """For each table the value that is chosen, "" for none or for one that is not in it."""
    asked = {name: request.GET.get(name, "") for name in tables}
    return {name: value if value in tables[name] else "" for name, value in asked.items()}


def narrowed(chosen: Mapping[str, str]) -> dict[str, Any]:
    """The choices as a selector takes them: numbers of the scale as numbers, ``active`` as yes or no."""
    wanted: dict[str, Any] = {name: value for name, value in chosen.items() if name != "active"}
    for name in ("patience", "expertise"):
        if name in wanted:
            wanted[name] = int(wanted[name]) if wanted[name] else None
    if chosen.get("active"):
        wanted["active"] = chosen["active"] == next(iter(ACTIVE))
    return wanted
