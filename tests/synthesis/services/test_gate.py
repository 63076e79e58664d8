"""Limits and budgets in the database, one worker at a time. Races: tests/studio/test_gate_races.py."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from synthesis.engine.chat.errors import NoQuota, Parked
from synthesis.engine.chat.model import Usage
from synthesis.models import Budget, EndpointTraffic, ModelEndpoint, ModelUsage, Reservation, Run
from synthesis.services.database import DatabaseThread
from synthesis.services.gate import FREE, DatabaseGate, budget_set, reservations_of_the_dead
from synthesis.services.usage import Place, Sum, Tally, usage_add

pytestmark = pytest.mark.django_db(transaction=True)


def endpoint(**fields: Any) -> ModelEndpoint:
    return ModelEndpoint.objects.create(slug="m", base_url="http://127.0.0.1/v1", model="m", provider="other", **fields)


def run() -> Run:
    return Run.objects.create(seed=1, episodes=1, releases={}, variations=[], seats={}, limits={})


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def database() -> AsyncIterator[DatabaseThread]:
    async with DatabaseThread("gate") as thread:
        yield thread


async def test_without_limits_everything_passes(database: DatabaseThread) -> None:
    gate = DatabaseGate(await sync_to_async(endpoint)(), None, database)
    for _ in range(50):
        await gate.settle(await gate.reserve(10_000, 10_000), None)
    assert await EndpointTraffic.objects.acount() == 0


async def test_where_nothing_is_limited_nobody_looks_and_a_budget_that_is_set_later_counts(database: DatabaseThread) -> None:
    clock, made = Clock(), await sync_to_async(run)()
    looks = 0

    class Counting(DatabaseThread):
        async def run(self, work: Any, *args: Any, **kwargs: Any) -> Any:
            nonlocal looks
            looks += 1
            return await super().run(work, *args, **kwargs)

    async with Counting("counting") as counting:
        gate = DatabaseGate(await sync_to_async(endpoint)(), made.pk, counting, clock)
        for _ in range(20):
            await gate.settle(await gate.reserve(10, 10), Usage(cost=5))
        assert looks == 1, "one look for a budget"
        await sync_to_async(budget_set)(run_id=made.pk, limit=12)
        clock.now += FREE + 0.1
        ticket = await gate.reserve(10, 10)
        assert ticket.cost == 10
        await gate.settle(ticket, Usage(cost=7))
    assert (await Budget.objects.aget()).spent == 7


async def test_requests_are_spaced_and_a_long_wait_parks(database: DatabaseThread) -> None:
    clock = Clock()
    gate = DatabaseGate(await sync_to_async(endpoint)(requests_a_minute=4), None, database, clock)
    await gate.reserve(1, 0)
    with pytest.raises(Parked) as caught:
        await gate.reserve(1, 0)
    assert 10 < caught.value.seconds < 60
    clock.now += caught.value.seconds + 0.01
    await gate.reserve(1, 0)


async def test_tokens_are_given_back_that_were_not_used(database: DatabaseThread) -> None:
    clock = Clock()
    gate = DatabaseGate(await sync_to_async(endpoint)(tokens_a_minute=1000), None, database, clock)
    ticket = await gate.reserve(900, 0)
    with pytest.raises(Parked):
        await gate.reserve(100, 0)
    await gate.settle(ticket, Usage(prompt_tokens=10, completion_tokens=10))
    await gate.reserve(100, 0)


async def test_a_budget_is_reserved_then_settled(database: DatabaseThread) -> None:
    of = await sync_to_async(run)()
    await sync_to_async(budget_set)(run_id=of.pk, limit=100)
    gate = DatabaseGate(await sync_to_async(endpoint)(), of.pk, database)
    first, second = await gate.reserve(1, 60), await gate.reserve(1, 40)
    with pytest.raises(NoQuota):
        await gate.reserve(1, 1)
    await gate.settle(first, Usage(cost=5))
    await gate.settle(first, Usage(cost=5))
    await gate.settle(second, None)
    budget = await Budget.objects.aget()
    assert (budget.reserved, budget.spent) == (0, 5), "settled once, however often it is said"
    await gate.reserve(1, 95)
    with pytest.raises(NoQuota):
        await gate.reserve(1, 1)


async def test_a_call_that_is_parked_keeps_no_money(database: DatabaseThread) -> None:
    of = await sync_to_async(run)()
    await sync_to_async(budget_set)(run_id=of.pk, limit=100)
    gate = DatabaseGate(await sync_to_async(endpoint)(requests_a_minute=1), of.pk, database)
    await gate.reserve(1, 10)
    with pytest.raises(Parked):
        await gate.reserve(1, 10)
    assert (await Budget.objects.aget()).reserved == 10


def test_what_the_dead_had_set_aside_counts_as_spent() -> None:
    of, now = run(), timezone.now()
    budget_set(run_id=of.pk, limit=100)
    Budget.objects.update(reserved=30)
    for amount, until in ((10, now - timedelta(seconds=1)), (20, now + timedelta(seconds=60))):
        Reservation.objects.create(budget_id=of.pk, amount=amount, until=until)
    assert reservations_of_the_dead(now=now) == 1
    budget = Budget.objects.get()
    assert (budget.reserved, budget.spent, Reservation.objects.count()) == (20, 10, 1)


def test_a_budget_never_falls_below_what_is_spent() -> None:
    of = run()
    budget_set(run_id=of.pk, limit=100)
    Budget.objects.update(spent=80, reserved=10)
    budget_set(run_id=of.pk, limit=50)
    assert Budget.objects.get().limit == 90


def test_usage_adds_up() -> None:
    at, of, day = endpoint(), run(), datetime(2026, 1, 2, tzinfo=UTC).date()
    tally = Tally()
    mine, nobodys = Place(at.pk, of.pk, "agent", day), Place(at.pk, None, "judge", day)
    for _ in range(3):
        tally.add(mine, Usage(prompt_tokens=10, completion_tokens=2, cost=7, seconds=0.5, attempts=2))
    tally.add(nobodys, None)
    usage_add(sums=tally.take())
    usage_add(sums={mine: Sum(1, 1, cost=1)})
    usage_add(sums={nobodys: Sum(1, failures=1)})
    assert tally.take() == {}
    row = ModelUsage.objects.get(role="agent")
    assert (row.calls, row.tries, row.prompt_tokens, row.completion_tokens, row.cost, row.seconds) == (4, 7, 30, 6, 22, 1.5)
    assert ModelUsage.objects.get(role="judge").failures == 2
