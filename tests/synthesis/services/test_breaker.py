"""The breaker that all workers share, on a clock of the test; and whole clients at a server that is down."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async

from synthesis.adapters.model_client import Endpoint, ModelClient
from synthesis.engine.chat.errors import ChatError, GaveUp, Parked
from synthesis.engine.chat.gate import Barrier
from synthesis.engine.chat.model import ChatReply, ChatRequest
from synthesis.engine.chat.waiting import Patience
from synthesis.engine.outgoing import Reach
from synthesis.models import EndpointTraffic, ModelEndpoint
from synthesis.services.breaker import SharedBreaker
from synthesis.services.database import DatabaseThread
from synthesis.services.gate import DatabaseGate
from tests.fakes.model_server.http import Connection, Request, port_of, serve

pytestmark = pytest.mark.django_db(transaction=True)
HERE = Reach(frozenset({"loopback"}))
HELLO = ChatRequest("agent", [{"role": "user", "content": "Hello"}], max_tokens=10)


class Clock:
    """Seconds since 1970, as a test says."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        """The present."""
        return self.now


def endpoint(url: str = "http://127.0.0.1/v1") -> ModelEndpoint:
    return ModelEndpoint.objects.create(slug="m", base_url=url, model="fake", provider="other", try_seconds=2.0)


def shared(clock: Clock) -> SharedBreaker:
    return SharedBreaker(endpoint().pk, 2.0, clock)


def opened(breaker: SharedBreaker) -> SharedBreaker:
    for _ in range(3):
        breaker.failed(probe=False)
    return breaker


def test_it_opens_after_three_failures_of_anybody() -> None:
    breaker = shared(Clock())
    assert [breaker.failed(probe=False) for _ in range(3)] == [0.0, 0.0, 12.0]
    assert breaker.barrier() == Barrier(12.0)
    assert breaker.failed(probe=False) == 12.0, "who was under way when it opened does not prolong it"


def test_one_probe_at_a_time_and_twice_as_long_after_each() -> None:
    clock = Clock()
    breaker = opened(shared(clock))
    waits = []
    for _ in range(4):
        clock.now += breaker.barrier().wait
        assert breaker.barrier() == Barrier(probe=True)
        assert breaker.barrier() == Barrier(12.0), "the others wait while it is under way"
        waits.append(breaker.failed(probe=True))
    assert waits == [24.0, 48.0, 54.0, 54.0]
    clock.now += 54
    assert breaker.barrier().probe
    breaker.succeeded()
    assert breaker.barrier() == Barrier(closed=True)


def test_a_probe_that_dies_or_is_called_off_is_followed_by_another() -> None:
    clock = Clock()
    breaker = opened(shared(clock))
    clock.now += 12
    assert breaker.barrier().probe
    clock.now += 58
    assert not breaker.barrier().probe
    clock.now += 1.1
    assert breaker.barrier().probe, "given up for dead"
    breaker.released()
    assert breaker.barrier().probe, "called off"


def test_those_who_know_nothing_find_out_in_turn_unless_somebody_has_lately() -> None:
    clock = Clock()
    breaker = shared(clock)
    assert breaker.barrier(fresh=True) == Barrier()
    assert breaker.barrier(fresh=True) == Barrier(busy=True)
    clock.now += 2
    assert breaker.barrier(fresh=True) == Barrier(), "nobody waits long: it may be slow"
    breaker.succeeded()
    assert [breaker.barrier(fresh=True) for _ in range(2)] == [Barrier(closed=True)] * 2
    clock.now += 60
    assert [breaker.barrier(fresh=True) for _ in range(2)] == [Barrier(), Barrier(busy=True)], "too long ago"
    breaker.failed(probe=False)
    assert [breaker.barrier() for _ in range(2)] == [Barrier(), Barrier(busy=True)], "a failure is an answer, too: the next may go"


class Server:
    """A server that may be down, and counts who asks meanwhile. What comes while it is ``holding`` is answered when that is over."""

    def __init__(self) -> None:
        self.up, self.asked, self.held = True, 0, 0
        self.holding, self.full = asyncio.Event(), asyncio.Event()
        self.holding.set()

    async def handle(self, _request: Request, to: Connection) -> None:
        """Answer, or not."""
        self.asked += not self.up
        self.held += not self.holding.is_set()
        if self.held == 32:
            self.full.set()
        await self.holding.wait()
        body = b'{"choices": [{"message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}]}'
        await to.send(200 if self.up else 503, body if self.up else b"{}")


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, str]]:
    made = Server()
    listening = await serve(made.handle)
    yield made, f"http://127.0.0.1:{port_of(listening)}/v1"
    listening.close()


class Workers:
    """Eight workers that make four calls each, on one clock. One try a call: what waits between tries would sleep on the real clock."""

    def __init__(self, url: str, row: ModelEndpoint, database: DatabaseThread, clock: Clock) -> None:
        self.whom = Endpoint(name="m", base_url=url, model="fake", try_seconds=60.0, reach=HERE)
        self.row, self.database, self.clock = row, database, clock
        self.clients: list[ModelClient] = []

    async def begin(self) -> None:
        """Every worker begins another slice: it knows nothing of what it knew."""
        await self.end()
        gates = [DatabaseGate(self.row, None, self.database, self.clock) for _ in range(8)]
        self.clients = [ModelClient(self.whom, gate, Patience(tries=1), clock=self.clock, rng=random.Random(1)) for gate in gates]

    async def end(self) -> None:
        for client in self.clients:
            await client.close()

    async def ask(self, calls: int = 4) -> list[ChatReply | BaseException]:
        """What becomes of so many calls by each."""
        asked = await asyncio.gather(*(client.reply(HELLO) for client in self.clients for _ in range(calls)), return_exceptions=True)
        assert all(isinstance(one, ChatError) for one in asked if isinstance(one, BaseException))
        return asked


async def it_breaks(how: str, there: Server, workers: Workers) -> None:
    """The server goes down before anybody asks, between calls of everybody, or with 32 calls under way."""
    if how != "at the start":
        assert not any(isinstance(one, BaseException) for one in await workers.ask())
    if how == "under way":
        there.holding.clear()
        calls = asyncio.create_task(workers.ask())
        await asyncio.wait_for(there.full.wait(), 20)
        there.up = False
        there.holding.set()
        await calls
        return
    there.up = False
    if how == "between calls":
        for client in workers.clients:
            with pytest.raises(GaveUp):
                await client.reply(HELLO)


@pytest.mark.parametrize(("how", "most"), [("at the start", 9), ("between calls", 14), ("under way", 6)])
async def test_five_minutes_of_outage_are_few_requests_of_eight_workers(
    server: tuple[Server, str], monkeypatch: pytest.MonkeyPatch, how: str, most: int
) -> None:
    """At most 15, whenever it breaks and although new slices begin meanwhile; within a minute of its end all goes on by itself."""
    monkeypatch.setattr("synthesis.adapters.model_client.client.LOOK", 0.05)
    there, url = server
    row, clock = await sync_to_async(endpoint)(url), Clock()
    async with DatabaseThread("breaker") as database:
        workers = Workers(url, row, database, clock)
        await workers.begin()
        await it_breaks(how, there, workers)
        began, slices, answered = clock.now, 1, 0
        while clock.now < began + 600 and answered < 32:
            there.up = clock.now >= began + 300
            if clock.now >= began + 120 * slices:
                slices += 1
                await workers.begin()
            asked = await workers.ask()
            answered = sum(not isinstance(one, BaseException) for one in asked)
            clock.now += min((one.seconds for one in asked if isinstance(one, Parked)), default=0.5)
        await workers.end()
    assert there.asked == most
    assert answered == 32 and clock.now < began + 360
    traffic = await EndpointTraffic.objects.aget()
    assert (traffic.failures, traffic.openings, traffic.open_until) == (0, 0, 0)


async def test_nobody_is_consulted_in_good_times_but_once(server: tuple[Server, str]) -> None:
    _, url = server
    row = await sync_to_async(endpoint)(url)

    class Silent(DatabaseThread):
        """A thread that must not be used."""

        async def run(self, *_arguments: object, **_more: object) -> object:  # type: ignore[override]
            """Never called."""
            raise AssertionError("a query")

    async with DatabaseThread("once") as database:
        gate = DatabaseGate(row, None, database)
        client = ModelClient(Endpoint(name="m", base_url=url, model="fake", reach=HERE), gate)
        await client.reply(HELLO)
    gate.database = Silent("none")
    await asyncio.gather(*(client.reply(HELLO) for _ in range(10)))
    await client.close()
