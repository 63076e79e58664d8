"""Models for one event loop, at a real local server."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from studio.pipelines import model_room
from studio.pipelines.model_room import ModelRoom, NoEndpoint
from synthesis.adapters.vault import Vault, fresh_key
from synthesis.engine.chat.errors import GaveUp, NoQuota
from synthesis.engine.chat.model import ChatRequest
from synthesis.engine.chat.waiting import Patience
from synthesis.models import Budget, ModelEndpoint, ModelUsage, Run
from synthesis.services.database import DatabaseThread
from synthesis.services.gate import budget_set
from synthesis.services.usage import usage_add
from tests.fakes.model_server.http import port_of
from tests.fakes.model_server.server import FakeProvider

pytestmark = pytest.mark.django_db(transaction=True)
HELLO = ChatRequest("agent", [{"role": "user", "content": "Hello"}], max_tokens=100)


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    """A provider that says one thing."""
    fake = FakeProvider(lambda _body: {"content": "Good morning."})
    server = await fake.start()
    fake.url = f"http://127.0.0.1:{port_of(server)}/v1"
    yield fake
    server.close()


@pytest.fixture
async def database() -> AsyncIterator[DatabaseThread]:
    async with DatabaseThread("room") as thread:
        yield thread


async def endpoint(provider: FakeProvider, **fields: Any) -> ModelEndpoint:
    """A stored endpoint at the provider; a million prompt tokens cost 1.00."""
    plain = {"slug": "m", "base_url": provider.url, "model": "fake", "provider": "other", "price_prompt": 1_000_000}
    return await ModelEndpoint.objects.acreate(**plain | fields)


async def used() -> ModelUsage:
    return await ModelUsage.objects.select_related("endpoint").aget()


async def test_calls_are_answered_and_counted_by_role(provider: FakeProvider, database: DatabaseThread) -> None:
    await endpoint(provider)
    async with ModelRoom(database, run_id=None) as room:
        replies = await asyncio.gather(*(room.model("m", "judge", episode=12).reply(HELLO) for _ in range(3)))
        assert len(room.clients) == 1
    row = await used()
    assert (row.endpoint.slug, row.run_id, row.role, row.calls, row.tries, row.failures) == ("m", None, "judge", 3, 3, 0)
    assert row.prompt_tokens == sum(reply.usage.prompt_tokens for reply in replies) > 0
    assert row.cost == sum(reply.usage.cost for reply in replies) > 0


async def test_failures_are_counted_with_their_tries(provider: FakeProvider, database: DatabaseThread) -> None:
    await endpoint(provider, model="fake:fault=500")
    async with ModelRoom(database, None, Patience(tries=2)) as room:
        with pytest.raises(GaveUp):
            await room.model("m", "agent").reply(HELLO)
    row = await used()
    assert (row.calls, row.failures, row.tries, row.cost) == (1, 1, 2, 0)


async def test_a_flush_that_fails_loses_nothing(provider: FakeProvider, database: DatabaseThread, monkeypatch: pytest.MonkeyPatch) -> None:
    await endpoint(provider)
    refused: list[Any] = []

    def moody(**arguments: Any) -> None:
        if len(refused) < 2:
            refused.append(arguments)
            raise OperationalError("database is locked")
        usage_add(**arguments)

    monkeypatch.setattr("studio.pipelines.model_room.usage_add", moody)
    monkeypatch.setattr(model_room, "FLUSH", 0.05)
    async with ModelRoom(database, None) as room:
        model = room.model("m", "agent")
        await model.reply(HELLO)
        await asyncio.sleep(0.2)
        await model.reply(HELLO)
    assert len(refused) == 2
    assert (await used()).calls == 2


async def test_a_key_is_read_with_the_keys_of_the_setting(provider: FakeProvider, database: DatabaseThread, settings: Any) -> None:
    key = fresh_key()
    settings.STUDIO_ENCRYPTION_KEYS = [key]
    await endpoint(provider, key=Vault([key]).lock("sk-secret"))
    async with ModelRoom(database, None) as room:
        await room.model("m", "agent").reply(HELLO)
    assert provider.keys == {"sk-secret"}
    settings.STUDIO_ENCRYPTION_KEYS = [fresh_key()]
    async with ModelRoom(database, None) as room:
        with pytest.raises(NoEndpoint, match="cannot be read") as caught:
            room.model("m", "agent")
    assert "sk-secret" not in str(caught.value) and key not in str(caught.value)


async def test_there_is_no_such_endpoint(provider: FakeProvider, database: DatabaseThread) -> None:
    await endpoint(provider, active=False)
    async with ModelRoom(database, None) as room:
        for slug in ("m", "nobody"):
            with pytest.raises(NoEndpoint, match="no active endpoint"):
                room.model(slug, "agent")


async def test_a_run_spends_from_its_budget(provider: FakeProvider, database: DatabaseThread) -> None:
    await endpoint(provider)
    run = await Run.objects.acreate(seed=1, episodes=1, releases={}, variations=[], seats={}, limits={})
    await sync_to_async(budget_set)(run_id=run.pk, limit=100)
    async with ModelRoom(database, run.pk) as room:
        spent = 0
        with pytest.raises(NoQuota, match="budget"):
            while True:
                spent += (await room.model("m", "agent").reply(HELLO)).usage.cost
    budget = await Budget.objects.aget()
    assert budget.spent == spent > 0 and budget.reserved == 0


async def test_the_episode_goes_to_a_fake_provider_alone(provider: FakeProvider, database: DatabaseThread) -> None:
    await endpoint(provider)
    async with ModelRoom(database, None) as room:
        await room.model("m", "agent", episode=7).reply(HELLO)
    assert "episode" not in str(provider.asked)
