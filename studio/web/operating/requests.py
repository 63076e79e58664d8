"""Every request gets a name, a line in the log, and a place in the tally."""

import logging
import re
import secrets
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject, empty

from studio.web.operating.tally import TALLY

logger = logging.getLogger("studio.requests")

GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BOUND = {"run_id": "run", "episode_id": "episode"}
"""Arguments of URLs that log lines carry while the request lasts."""


class RequestMiddleware:
    """Stands before everything else. The log says which route and which user by number, never an address, a name or what was sent:
    addresses may hold one-time links.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Name it, answer it, note it."""
        given = request.headers.get("X-Request-ID", "")
        name = given if GIVEN.fullmatch(given) else secrets.token_hex(16)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=name)
        began = perf_counter()
        response = self.get_response(request)
        seconds = perf_counter() - began
        response.headers["X-Request-ID"] = name
        method = request.method if request.method in METHODS else "other"
        route = route_of(request)
        TALLY.note(route=route, method=str(method), status=response.status_code, seconds=seconds)
        facts = {"method": method, "route": route, "status": response.status_code, "ms": round(seconds * 1000, 1), "user": user_of(request)}
        logger.info("%s %s %s %.1f ms", method, route, response.status_code, seconds * 1000, extra=facts)
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: Mapping[str, Any]) -> None:
        """From here on log lines say which run or episode the request is about."""
        structlog.contextvars.bind_contextvars(**{name: kwargs[key] for key, name in BOUND.items() if key in kwargs})


def route_of(request: HttpRequest) -> str:
    """The name of the URL pattern; ``static`` and ``probe`` for what is answered before URLs are looked at, else ``none``."""
    match = request.resolver_match
    if match is not None:
        return match.view_name or match.route
    return str(request.META.get("studio.route", "none"))


def user_of(request: HttpRequest) -> int | None:
    """The number of the signed-in person, if the request came to ask for it: never a query for the log alone."""
    user = request.__dict__.get("user")
    if user is None or (isinstance(user, SimpleLazyObject) and user.__dict__.get("_wrapped", empty) is empty):
        return None
    number: int | None = user.pk
    return number
