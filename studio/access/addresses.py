"""Where a visitor comes from, as far as it can be known."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's address: the connection's, or behind proxies what the outermost of them saw.

    Every proxy appends whom it spoke with to X-Forwarded-For, so with two proxies the visitor is second from the right. What stands further
    left is whatever the visitor wrote there.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.STUDIO_PROXY_COUNT
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if not proxies or len(seen) < proxies:
        return direct
    try:
        return str(ip_address(seen[-proxies]))
    except ValueError:
        return direct
