"""Addresses to listen at."""

import socket
from typing import Any

import pytest
from django.core.management.base import CommandError

from studio.management.listening import bracketed, check_address, is_loopback, names_of, reachable


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("studio.example", False)],
)
def test_who_reaches_it(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_an_address_as_others_write_it() -> None:
    assert (bracketed("::1"), bracketed("127.0.0.1")) == ("[::1]", "127.0.0.1")
    assert (reachable("0.0.0.0"), reachable("::"), reachable("10.0.0.1")) == ("127.0.0.1", "::1", "10.0.0.1")


def test_others_may_call_it_by_the_names_it_has(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "studio.example"]
    assert names_of("192.0.2.7") == ["studio.example", "192.0.2.7"]
    everywhere = names_of("0.0.0.0")
    assert everywhere[:2] == ["studio.example", socket.gethostname()]
    assert not {"0.0.0.0", "127.0.0.1", "*"} & set(everywhere)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.9"])
def test_an_address_of_somebody_else_is_one_sentence(host: str) -> None:
    with pytest.raises(CommandError) as caught:
        check_address(host, 8000)
    assert caught.value.returncode == 2
    assert host in str(caught.value)
