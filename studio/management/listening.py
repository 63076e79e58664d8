"""Addresses to listen at."""

import socket
from ipaddress import ip_address

from django.conf import settings
from django.core.management.base import CommandError

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


def check_address(host: str, port: int) -> None:
    """Find out before anything starts whether the address is free. Raises CommandError."""
    if not 1 <= port <= 65535:
        raise CommandError(f"--port {port}: give a number from 1 to 65535.", returncode=2)
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return
    except socket.gaierror as error:
        raise CommandError(f"--host {host}: this machine has no such address. Leave it out, or give 0.0.0.0.", returncode=2) from error
    except OSError as error:
        raise CommandError(f"{host}:{port} cannot be used ({error.strerror}). Give another --port.", returncode=2) from error


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def reachable(host: str) -> str:
    """Where this machine reaches what listens at ``host``."""
    return EVERYWHERE.get(host, host)


def bracketed(host: str) -> str:
    """As it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def names_of(host: str) -> list[str]:
    """Names under which others reach what listens at ``host``, with those of the settings; of 0.0.0.0, all that this machine knows of."""
    given = [name for name in settings.ALLOWED_HOSTS if not is_loopback(name.strip("[]"))]
    if host not in EVERYWHERE:
        return [*given, bracketed(host)]
    name = socket.gethostname()
    try:
        addresses = {str(found[4][0]).partition("%")[0] for found in socket.getaddrinfo(name, None)}
    except OSError:
        addresses = set()
    return [*given, name, *sorted(bracketed(address) for address in addresses | _outward() if not is_loopback(address))]


def _outward() -> set[str]:
    """The address that others on the network see; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return set()
        return {str(probe.getsockname()[0])}
