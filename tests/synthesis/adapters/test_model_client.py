"""The client against a real server that fails in every way we know."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest

from synthesis.adapters.model_client import Endpoint, ModelClient
from synthesis.engine.chat import errors
from synthesis.engine.chat.gate import OpenGate, Ticket
from synthesis.engine.chat.model import ChatReply, ChatRequest, Usage
from synthesis.engine.chat.prices import Price
from synthesis.engine.chat.profiles import PROFILES
from synthesis.engine.chat.waiting import Patience
from synthesis.engine.outgoing import Reach
from tests.fakes.model_server.faults import FAULTS
from tests.fakes.model_server.http import port_of
from tests.fakes.model_server.server import FakeProvider

KEY = "sk-planted-000"
SCHEMA = {"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"]}
TOOLS = [{"type": "function", "function": {"name": "lookup", "parameters": SCHEMA}}]
REQUEST = ChatRequest("agent", [{"role": "user", "content": "Hello."}], TOOLS)
CALL = {"id": "call_1", "type": "function", "function": {"name": "lookup", "arguments": '{"key": "A-1"}'}}
ONCE = Patience(tries=1)
TRY_SECONDS = 1.0
CLASSES = {
    "429-2s": errors.RateLimited,
    "429-300s": errors.RateLimited,
    "500": errors.Overloaded,
    "529": errors.Overloaded,
    "html": errors.Garbled,
    "choices-null": errors.Garbled,
    "choices-empty": errors.Garbled,
    "error-200": errors.Garbled,
    "cut-arguments": errors.Unusable,
    "early-end": errors.Cut,
    "cut-chunk": errors.Cut,
    "drip": errors.TooSlow,
    "hang": errors.TooSlow,
    "huge": errors.Refused,
}
HERE = Reach(frozenset({"loopback"}))
Make = Callable[..., ModelClient]


def answer(_body: dict[str, Any]) -> dict[str, Any]:
    return {"content": "One moment, please.", "reasoning_content": "A key.", "tool_calls": [CALL]}


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    fake = FakeProvider(answer)
    server = await fake.start()
    fake.url = f"http://127.0.0.1:{port_of(server)}/v1"
    yield fake
    server.close()


@pytest.fixture
async def client(provider: FakeProvider) -> AsyncIterator[Make]:
    made: list[ModelClient] = []

    def make(model: str = "fake", url: str = "", gate: Any = None, patience: Patience = ONCE, **fields: Any) -> ModelClient:
        fields = {"try_seconds": TRY_SECONDS, "key": KEY, "reach": HERE, **fields}
        endpoint = Endpoint("test", url or provider.url, model, **fields)
        made.append(ModelClient(endpoint, gate, patience))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def ask(client: ModelClient, stream: bool, request: ChatRequest = REQUEST) -> tuple[ChatReply, list[str]]:
    pieces: list[str] = []

    async def on_delta(text: str) -> None:
        pieces.append(text)

    return await client.reply(request, on_delta if stream else None), pieces


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
async def test_a_good_answer(client: Make, provider: FakeProvider, stream: bool) -> None:
    reply, pieces = await ask(client(price=Price(prompt=1_000_000, completion=1_000_000)), stream)
    assert (reply.text, reply.reasoning, reply.calls[0].arguments) == ("One moment, please.", "A key.", {"key": "A-1"})
    assert reply.usage.cost == reply.usage.prompt_tokens + reply.usage.completion_tokens > 0
    assert "".join(pieces) == (reply.text if stream else "")
    assert len(pieces) != 1
    assert provider.keys == {KEY}


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
async def test_the_fake_provider_alone_is_told_of_episode_and_role(client: Make, provider: FakeProvider, stream: bool) -> None:
    request = msgspec.structs.replace(REQUEST, episode=12)
    await ask(client(provider="fake"), stream, request)
    for name in sorted(PROFILES.keys() - {"fake"}):
        await ask(client(provider=name), stream, request)
    assert provider.told == [("agent", "12"), *[("", "")] * (len(PROFILES) - 1)]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_each_fault_ends_in_its_class_and_in_time(client: Make, fault: str, stream: bool) -> None:
    began = time.monotonic()
    with pytest.raises(errors.ChatError) as caught:
        await ask(client(f"fake:fault={fault}"), stream)
    found = caught.value.last if isinstance(caught.value, errors.GaveUp) else caught.value
    assert type(found) is CLASSES[fault]
    assert time.monotonic() - began < TRY_SECONDS + 2
    assert KEY not in f"{caught.value!r} {caught.value}"


async def test_a_new_try_is_told_to_whoever_reads_along(client: Make) -> None:
    reply, pieces = await ask(client("fake:fault=early-end,times=1", patience=Patience()), stream=True)
    assert pieces.count("") == 1
    assert "".join(pieces[pieces.index("") :]) == reply.text


async def test_what_passes_is_tried_again_and_counted(client: Make, provider: FakeProvider) -> None:
    reply, _ = await ask(client("fake:fault=500,times=2", patience=Patience()), stream=False)
    assert reply.usage.attempts == 3
    assert len(provider.asked) == 3


async def test_the_wait_that_was_asked_for_is_waited(client: Make, provider: FakeProvider) -> None:
    await ask(client("fake:fault=429-2s,times=1", patience=Patience()), stream=False)
    first, second = provider.moments
    assert 2.0 <= second - first < 6.0


async def test_a_long_wait_holds_no_place(client: Make) -> None:
    began = time.monotonic()
    with pytest.raises(errors.Parked) as caught:
        await ask(client("fake:fault=429-300s", patience=Patience()), stream=False)
    assert caught.value.seconds >= 300
    assert time.monotonic() - began < 5


async def test_nobody_listening_is_unreachable(client: Make) -> None:
    with pytest.raises(errors.GaveUp) as caught:
        await ask(client(url="http://127.0.0.1:1/v1"), stream=False)
    assert type(caught.value.last) is errors.Unreachable


async def test_redirects_are_not_followed(client: Make, provider: FakeProvider) -> None:
    with pytest.raises(errors.Refused, match="307"):
        await ask(client(url=provider.url.replace("/v1", "/moved/v1")), stream=False)
    assert provider.asked == []


async def test_an_endpoint_that_fails_again_and_again_is_left_alone(client: Make, provider: FakeProvider) -> None:
    one = client("fake:fault=500")
    for _ in range(3):
        with pytest.raises(errors.GaveUp):
            await ask(one, stream=False)
    with pytest.raises(errors.Parked):
        await ask(one, stream=False)
    assert len(provider.asked) == 3


async def until_asked(provider: FakeProvider, times: int) -> None:
    for _ in range(1000):
        if len(provider.asked) >= times:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"asked {len(provider.asked)} times, not {times}")


async def test_the_first_call_of_a_process_goes_alone(client: Make, provider: FakeProvider) -> None:
    one = client("fake:latency=300", try_seconds=30)
    asked = [asyncio.create_task(ask(one, stream=False)) for _ in range(4)]
    await until_asked(provider, 1)
    await asyncio.sleep(0.05)
    assert len(provider.asked) == 1, "the others wait until something is known"
    await asyncio.gather(*asked)
    assert len(provider.asked) == 4


async def test_nobody_waits_long_for_the_first(client: Make, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthesis.adapters.model_client.client.ALONE", 0.1)
    slow = client("fake:latency=60000", try_seconds=60)
    asked = [asyncio.create_task(ask(slow, stream=False)) for _ in range(4)]
    await until_asked(provider, 4)
    for task in asked:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)


async def test_no_more_are_in_flight_than_there_are_places(client: Make, provider: FakeProvider) -> None:
    one = client("fake:latency=50", concurrency=4)
    began = time.monotonic()
    await asyncio.gather(*[ask(one, stream=False) for _ in range(12)])
    assert time.monotonic() - began >= 0.15
    assert one.flying == 0


async def test_a_width_that_grew_is_used_by_those_who_wait(client: Make) -> None:
    one = client("fake:latency=30", concurrency=8)
    one.width.places = 1.99  # two good answers make it two
    asked = asyncio.gather(*[ask(one, stream=False) for _ in range(10)])
    most = 0
    while not asked.done():
        most = max(most, one.flying)
        await asyncio.sleep(0.005)
    assert most == 2


async def test_a_call_that_is_called_off_gives_its_place_back(client: Make) -> None:
    one = client("fake:fault=hang", concurrency=1)
    task = asyncio.create_task(ask(one, stream=False))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert one.flying == 0


class Books(OpenGate):
    """A gate that keeps books."""

    def __init__(self) -> None:
        self.reserved: list[Ticket] = []
        self.settled: list[Usage | None] = []
        self.closed = False

    async def reserve(self, tokens: int, cost: int) -> Ticket:
        if self.closed:
            raise errors.NoQuota("the budget is spent")
        self.reserved.append(Ticket(str(len(self.reserved)), tokens, cost))
        return self.reserved[-1]

    async def settle(self, ticket: Ticket, usage: Usage | None) -> None:
        self.settled.append(usage)


async def test_every_try_is_reserved_before_and_settled_after(client: Make) -> None:
    books = Books()
    price = Price(prompt=3_000_000, completion=3_000_000)
    reply, _ = await ask(client("fake:fault=500,times=1", gate=books, patience=Patience(), price=price), stream=False)
    assert len(books.reserved) == len(books.settled) == 2
    assert books.settled == [None, books.settled[1]]
    assert books.settled[1] is not None
    assert books.settled[1].cost == reply.usage.cost <= books.reserved[1].cost


async def test_an_answer_that_breaks_the_rules_is_settled_for_what_it_took(client: Make) -> None:
    books = Books()
    with pytest.raises(errors.Unusable) as caught:
        await ask(client("fake:fault=cut-arguments", gate=books), stream=False)
    assert books.settled == [caught.value.usage]
    assert caught.value.usage.prompt_tokens > 0


async def test_without_budget_nobody_is_asked(client: Make, provider: FakeProvider) -> None:
    books = Books()
    books.closed = True
    with pytest.raises(errors.NoQuota):
        await ask(client(gate=books), stream=False)
    assert provider.asked == []


def test_the_key_is_in_no_description() -> None:
    assert KEY not in repr(Endpoint("test", "http://127.0.0.1", "m", key=KEY))


async def test_a_call_that_is_called_off_counts_as_what_was_set_aside(client: Make, provider: FakeProvider) -> None:
    books = Books()
    task = asyncio.create_task(ask(client("fake:fault=hang", gate=books, price=Price(2_000_000, 3_000_000), try_seconds=60), stream=False))
    await until_asked(provider, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    [ticket], [settled] = books.reserved, books.settled
    assert settled is not None and settled.estimated
    assert (settled.cost, settled.prompt_tokens + settled.completion_tokens) == (ticket.cost, ticket.tokens)
    assert ticket.cost > 0
    assert errors.taken_of(caught.value) == settled


async def test_a_call_that_was_never_sent_counts_for_nothing(client: Make, provider: FakeProvider) -> None:
    one = client("fake:fault=hang", concurrency=1, try_seconds=60)
    one.heard.set()
    first = asyncio.create_task(ask(one, stream=False))
    await until_asked(provider, 1)
    waiting = asyncio.create_task(ask(one, stream=False))
    await asyncio.sleep(0.05)
    for task in (waiting, first):
        task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await waiting
    assert errors.taken_of(caught.value) is None
    await asyncio.gather(first, return_exceptions=True)
