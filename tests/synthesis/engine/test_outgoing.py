"""Where requests may go: addresses of every kind that must not be asked, and the ways around a check of text."""

import ipaddress

import pytest

from synthesis.engine.outgoing import Reach, public

ANYWHERE, HERE = Reach(), Reach(frozenset({"loopback"}))
CLOSED = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.8.8",
    "168.63.129.16",
    "169.254.169.254",
    "172.31.255.255",
    "192.0.0.192",
    "192.88.99.1",
    "192.168.1.1",
    "198.19.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", CLOSED)
def test_closed_addresses(address: str) -> None:
    assert not public(ipaddress.ip_address(address))
    assert not ANYWHERE.takes("models.example", 443, address)
    shown = f"[{address}]" if ":" in address else address
    refusal = ANYWHERE.refusal(f"https://{shown}/v1")
    assert refusal is not None
    assert refusal.code == "private"


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses(address: str) -> None:
    assert public(ipaddress.ip_address(address))
    assert ANYWHERE.takes("models.example", 443, address)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://api.openai.com/v1", None),
        ("https://api.openai.com:8443/v1/", None),
        ("http://api.openai.com/v1", "plain"),
        ("ftp://api.openai.com", "url"),
        ("https:///v1", "url"),
        ("https://[::1/v1", "url"),
        ("https://a.example:99999/v1", "url"),
        ("https://a.example/v1\n", "url"),
        ("//a.example/v1", "url"),
        ("https://user:pass@a.example/v1", "extra"),
        ("https://@a.example/v1", "extra"),
        ("https://a.example/v1?key=x", "extra"),
        ("https://a.example/v1#x", "extra"),
        ("https://a.example/v1/chat/completions/", "path"),
        ("https://localhost/v1", "private"),
        ("https://LOCALHOST/v1", "private"),
        ("https://metadata.google.internal/v1", "private"),
        ("https://printer.local/v1", "private"),
        ("http://127.0.0.1:11434/v1", "private"),
        ("https://2130706433/v1", "private"),
    ],
)
def test_addresses_as_they_are_entered(url: str, code: str | None) -> None:
    refusal = ANYWHERE.refusal(url)
    assert (refusal.code if refusal else None) == code


def test_loopback_is_this_machine_by_its_own_names_alone() -> None:
    assert HERE.refusal("http://localhost:11434/v1") is None
    assert HERE.refusal("http://[::1]:8000/v1") is None
    assert HERE.takes("localhost", 11434, "127.0.0.1")
    assert HERE.refusal("http://192.168.0.9:11434/v1") is not None
    # A name of somebody else's that resolves to this machine is a way in, not a neighbour.
    assert not HERE.takes("rebound.example", 443, "127.0.0.1")
    assert not HERE.takes("localhost", 11434, "10.0.0.1")
    assert not HERE.takes("127.1", 80, "127.0.0.1")


def test_a_listed_place_is_that_host_at_that_port() -> None:
    listed = Reach(frozenset({"ollama:11434"}))
    assert listed.refusal("http://ollama:11434/v1") is None
    assert listed.takes("ollama", 11434, "172.18.0.4")
    assert listed.refusal("http://ollama:11435/v1") is not None
    assert not listed.takes("ollama", 11435, "172.18.0.4")
    assert not listed.takes("other", 11434, "172.18.0.4")


def test_what_is_no_address_is_not_taken() -> None:
    assert not ANYWHERE.takes("models.example", 443, "models.example")
    assert not ANYWHERE.takes("models.example", 443, "fe80::1%eth0")
