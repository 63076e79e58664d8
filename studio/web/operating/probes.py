"""``/healthz``, ``/readyz`` and ``/metrics``.

Answered before hosts are checked and plain requests are sent to https: a probe comes from the neighbourhood and names an address.
"""

from collections.abc import Callable
from ipaddress import ip_address
from threading import Lock
from time import monotonic

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from studio.pipelines.health import readiness
from studio.pipelines.measures import broker_families, database_families, text_of
from studio.web.operating.tally import TALLY

CACHED_SECONDS = 5.0
"""Figures are read at most that often, however many ask."""
TEXT = "text/plain; version=0.0.4; charset=utf-8"


class ProbesMiddleware:
    """See the module."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.probes: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/healthz": healthz, "/readyz": readyz, "/metrics": Metrics()}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The probe's answer, or what the rest of the studio answers."""
        probe = self.probes.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        request.META["studio.route"] = "probe"
        response = probe(request) if request.method in {"GET", "HEAD"} else HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Whether it can work, ``/readyz`` says."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when all that the studio needs is there, else 503; always with reasons and ages as JSON."""
    found = readiness(timezone.now())
    ages = {"last_claim_seconds": found.claim_age, "waiting_seconds": found.waiting}
    return JsonResponse({"ready": not found.reasons, "reasons": found.reasons, **ages}, status=503 if found.reasons else 200)


class Metrics:
    """Figures for Prometheus. Those of the database and the broker are kept for a moment, so that asking often costs little."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.text, self.read = "", float("-inf")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The text; nothing to see for strangers."""
        if not may_read(request):
            return HttpResponse(status=404)
        with self.lock:
            if monotonic() - self.read > CACHED_SECONDS:
                self.text = text_of([*database_families(timezone.now()), *broker_families()])
                self.read = monotonic()
            text = self.text
        return HttpResponse(text + text_of(TALLY.families()), content_type=TEXT)


def may_read(request: HttpRequest) -> bool:
    """With STUDIO_METRICS_TOKEN whoever sends it as bearer token; without one, this machine alone and through no proxy."""
    wanted = str(settings.STUDIO_METRICS_TOKEN)
    if wanted:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {wanted}")
    try:
        own = ip_address(str(request.META.get("REMOTE_ADDR", ""))).is_loopback
    except ValueError:
        return False
    return own and "X-Forwarded-For" not in request.headers and "Forwarded" not in request.headers
