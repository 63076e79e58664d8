"""Parts of a page that ask for themselves again and again, and are sent only when there is something new in them."""

from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

SEEN = "seen"


def mark_of(*facts: object) -> str:
    """What a part shows, in a few characters: the same facts, the same mark."""
    return sha256(repr(facts).encode()).hexdigest()[:12]


def fragment(request: HttpRequest, template: str, context: dict[str, Any], mark: str) -> HttpResponse:
    """The part, or 204 when the browser has seen just this: then htmx leaves the page as it is."""
    if request.GET.get(SEEN) == mark:
        return HttpResponse(status=204)
    return render(request, template, context)


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part; everybody else gets the page."""
    return request.headers.get("HX-Request") == "true"
