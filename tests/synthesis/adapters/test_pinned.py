"""The guard on the wire: what a name resolves to decides, and what was resolved is what is connected to."""

import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from synthesis.adapters.model_client import Endpoint, ModelClient
from synthesis.adapters.model_client.pinned import OutOfReach, Pinned
from synthesis.engine.chat import errors
from synthesis.engine.chat.model import ChatRequest
from synthesis.engine.outgoing import Reach
from tests.fakes.model_server.http import port_of
from tests.fakes.model_server.server import FakeProvider

REQUEST = ChatRequest("agent", [{"role": "user", "content": "Hello"}])


class Names(AbstractResolver):
    """Resolves every name to ``addresses``, and counts."""

    def __init__(self, *addresses: str) -> None:
        self.addresses, self.asked = addresses, 0

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        self.asked += 1
        return [ResolveResult(hostname=host, host=one, port=port, family=socket.AF_INET, proto=0, flags=0) for one in self.addresses]

    async def close(self) -> None:
        pass


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    fake = FakeProvider(lambda _body: {"content": "Hello."})
    server = await fake.start()
    fake.url = f"http://127.0.0.1:{port_of(server)}/v1"
    yield fake
    server.close()


async def test_addresses_out_of_reach_are_left_out() -> None:
    found = await Pinned(Reach(), Names("10.0.0.1", "8.8.8.8")).resolve("models.example", 443)
    assert [address["host"] for address in found] == ["8.8.8.8"]
    with pytest.raises(OutOfReach, match=r"models\.example:443 is not on the public network"):
        await Pinned(Reach(), Names("10.0.0.1", "169.254.169.254")).resolve("models.example", 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.1", "0x7f000001", "2130706433"])
async def test_no_spelling_of_this_machine_gets_through(provider: FakeProvider, host: str) -> None:
    """Closed by default, https or not: some by their text, the others when they are resolved."""
    port = provider.url.split(":")[2].split("/")[0]
    for scheme in ("http", "https"):
        client = ModelClient(Endpoint("test", f"{scheme}://{host}:{port}/v1", "fake", key="sk-x"))
        with pytest.raises(errors.Refused):
            await client.reply(REQUEST)
        await client.close()
    assert provider.keys == set()


async def test_a_name_that_leads_inside_is_refused_and_never_tried_again(provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names("127.0.0.1")
    monkeypatch.setattr("synthesis.adapters.model_client.pinned.ThreadedResolver", lambda: names)
    port = provider.url.split(":")[2].split("/")[0]
    client = ModelClient(Endpoint("test", f"https://rebound.example:{port}/v1", "fake", reach=Reach(frozenset({"loopback"}))))
    with pytest.raises(errors.Refused, match="STUDIO_OUTGOING_ALLOWED"):
        await client.reply(REQUEST)
    await client.close()
    assert names.asked == 1


async def test_a_listed_name_is_resolved_once_for_many_calls(provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names("127.0.0.1")
    monkeypatch.setattr("synthesis.adapters.model_client.pinned.ThreadedResolver", lambda: names)
    port = provider.url.split(":")[2].split("/")[0]
    allowed = Reach(frozenset({f"ollama:{port}"}))
    client = ModelClient(Endpoint("test", f"http://ollama:{port}/v1", "fake", reach=allowed))
    for _ in range(5):
        assert (await client.reply(REQUEST)).text == "Hello."
    await client.close()
    assert names.asked == 1
