"""Where the studio may send requests that somebody typed an address for: https to public hosts, and what the operator allowed besides.

Whether a name is allowed is decided twice: by its text when it is entered, and by the addresses it resolves to at every connection.
"""

import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

LOOPBACK = "loopback"
"""An entry of what is allowed: this machine by its own names, any port, plain http too."""
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS = {"http": 80, "https": 443}
PATH = "/chat/completions"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
CLOSED_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by providers; clouds keep metadata there
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's host, public by its number only
        "169.254.0.0/16",  # link-local, metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
CLOSED_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, benchmarks, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)


class Refusal(NamedTuple):
    """Why an address is not asked: a code, and a sentence that says what would do."""

    code: str
    text: str


class Reach(msgspec.Struct, frozen=True):
    """What may be asked. ``allowed`` holds ``host:port``, in small letters, and ``loopback``; nothing else is but the public network."""

    allowed: frozenset[str] = frozenset()

    def names(self, host: str, port: int) -> bool:
        """Whether the operator allowed this host and port by name."""
        return f"{host}:{port}" in self.allowed or (LOOPBACK in self.allowed and host in OWN_NAMES)

    def takes(self, host: str, port: int, address: str) -> bool:
        """Whether a connection to ``host`` may go to ``address``, which it resolves to."""
        try:
            number = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if public(number) or f"{host}:{port}" in self.allowed:
            return True
        return LOOPBACK in self.allowed and host in OWN_NAMES and number.is_loopback

    def refusal(self, url: str) -> Refusal | None:
        """What is wrong with an address as it was entered; None when it may be asked. Names are not resolved here."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port or PORTS.get(parts.scheme, 0)
        except ValueError:
            return Refusal("url", "This is no address.")
        if parts.scheme not in PORTS or not host or not url.isprintable() or " " in url:
            return Refusal("url", "An address begins with https:// and names a host.")
        if parts.username is not None or parts.query or parts.fragment:
            return Refusal("extra", "An address has no user name, no ? and no #; a key has a field of its own.")
        if parts.path.rstrip("/").endswith(PATH):
            return Refusal("path", f"Leave out {PATH}: the studio adds it.")
        if self.names(host, port):
            return None
        if not _public_by_text(host):
            return Refusal("private", PRIVATE.format(place=f"{host}:{port}"))
        return Refusal("plain", PLAIN.format(place=f"{host}:{port}")) if parts.scheme == "http" else None


PRIVATE = "{place} is not on the public network. The operator can allow it by STUDIO_OUTGOING_ALLOWED={place} (or loopback: this machine)."
PLAIN = "Without https prompts and keys can be read on the way. The operator can allow it for one place: STUDIO_OUTGOING_ALLOWED={place}."


def public(address: Address) -> bool:
    """Whether an address belongs to the public network, looked at through NAT64 and IPv4-mapped addresses; not by way of 6to4 or Teredo."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in CLOSED_V4)
    if address in NAT64 or address in MAPPED:
        return public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address in GLOBAL_V6 and not any(address in network for network in CLOSED_V6)


def _public_by_text(host: str) -> bool:
    """What can be told of a host without asking anybody: numbers are looked at, names of this machine's neighbourhood are known."""
    try:
        return public(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        # Numbers written otherwise (127.1, 0x7f000001) are no addresses to Python but are to resolvers; they are looked at on connecting.
        return "." in host and not host.endswith((".localhost", ".local", ".internal"))
