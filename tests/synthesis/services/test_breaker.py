"""The breaker that all workers share, on a clock of the test; and whole clients at a server that is down."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async

from synthesis.adapters.model_client import Endpoint, ModelClient
from synthesis.engine.chat.errors import ChatError, Parked
from synthesis.engine.chat.gate import Barrier
from synthesis.engine.chat.model import ChatRequest
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


def test_it_opens_after_five_failures_of_anybody() -> None:
    breaker = shared(Clock())
    assert [breaker.failed(probe=False) for _ in range(5)] == [0.0, 0.0, 0.0, 0.0, 5.0]
    assert breaker.barrier() == Barrier(5.0)
    assert breaker.failed(probe=False) == 5.0, "who was under way when it opened does not prolong it"


def test_one_probe_at_a_time_and_twice_as_long_after_each() -> None:
    clock = Clock()
    breaker = shared(clock)
    for _ in range(5):
        breaker.failed(probe=False)
    waits = []
    for _ in range(6):
        clock.now += breaker.barrier().wait
        assert breaker.barrier() == Barrier(probe=True)
        assert breaker.barrier() == Barrier(5.0), "the others wait while it is under way"
        waits.append(breaker.failed(probe=True))
    assert waits == [10.0, 20.0, 40.0, 60.0, 60.0, 60.0]
    clock.now += 60
    assert breaker.barrier().probe
    breaker.succeeded()
    assert breaker.barrier() == Barrier(closed=True)


def test_a_probe_that_dies_or_is_called_off_is_followed_by_another() -> None:
    clock = Clock()
    breaker = shared(clock)
    for _ in range(5):
        breaker.failed(probe=False)
    clock.now += 5
    assert breaker.barrier().probe
    clock.now += 64
    assert not breaker.barrier().probe
    clock.now += 1.1
    assert breaker.barrier().probe, "given up for dead"
    breaker.released()
    assert breaker.barrier().probe, "called off"


class Server:
    """A server that may be down, and counts who asks."""

    def __init__(self) -> None:
        self.up, self.asked = False, 0

    async def handle(self, _request: Request, to: Connection) -> None:
        """Answer, or not."""
        self.asked += 1
        body = b'{"choices": [{"message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}]}'
        await to.send(200 if self.up else 503, body if self.up else b"{}")


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, str]]:
    made = Server()
    listening = await serve(made.handle)
    yield made, f"http://127.0.0.1:{port_of(listening)}/v1"
    listening.close()


async def test_five_minutes_of_outage_with_eight_workers_are_few_probes(server: tuple[Server, str]) -> None:
    """Eight clients as eight workers have them, four calls each, on one clock that jumps to whenever somebody may ask again."""
    there, url = server
    row, clock = await sync_to_async(endpoint)(url), Clock()
    async with DatabaseThread("breaker") as database:
        whom = Endpoint(name="m", base_url=url, model="fake", try_seconds=60.0, reach=HERE)
        # One try a call: what waits between tries would sleep on the real clock.
        once = Patience(tries=1)
        clients = [
            ModelClient(whom, DatabaseGate(row, None, database, clock), once, clock=clock, rng=random.Random(number)) for number in range(8)
        ]
        began, before, answered = clock.now, 0, 0
        while clock.now < began + 600 and answered < 32:
            there.up = clock.now >= began + 300
            asked = await asyncio.gather(*(client.reply(HELLO) for client in clients for _ in range(4)), return_exceptions=True)
            assert all(isinstance(one, ChatError) for one in asked if isinstance(one, BaseException))
            if clock.now == began:
                before = there.asked
            probes = there.asked - before
            if not there.up:
                assert probes <= 15
            answered = sum(not isinstance(one, BaseException) for one in asked)
            waits = [one.seconds for one in asked if isinstance(one, Parked)]
            clock.now += min(waits, default=0.5)
        assert before <= 32, "what was under way when it broke"
        assert answered == 32 and clock.now < began + 370, "it goes on by itself"
        for client in clients:
            await client.close()
    traffic = await EndpointTraffic.objects.aget()
    assert (traffic.failures, traffic.openings, traffic.open_until) == (0, 0, 0)


async def test_nobody_is_consulted_in_good_times(server: tuple[Server, str]) -> None:
    there, url = server
    there.up = True
    row = await sync_to_async(endpoint)(url)

    class Silent(DatabaseThread):
        """A thread that must not be used."""

        async def run(self, *_arguments: object, **_more: object) -> object:  # type: ignore[override]
            """Never called."""
            raise AssertionError("a query")

    client = ModelClient(Endpoint(name="m", base_url=url, model="fake", reach=HERE), DatabaseGate(row, None, Silent("none")))
    await asyncio.gather(*(client.reply(HELLO) for _ in range(10)))
    await client.close()
