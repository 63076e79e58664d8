"""Response headers that Django has no setting for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

PERMISSIONS = ", ".join(f"{feature}=()" for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb"))


class HeadersMiddleware:
    """Pages are private, not kept by proxies, not read by other sites, and use no device."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add what is not there."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "private, no-cache")
        # A URL that answers htmx with a fragment and everybody else with a page is two things to the browser's store.
        patch_vary_headers(response, ["HX-Request"])
        return response
