"""Rate limits, budgets and breakers that all workers share: the engine's port ``Gate`` on conditional UPDATEs.

Whoever asks reserves first and settles afterwards. To check first and count later would let many workers pass the check together: measured
on a prototype, 14.50 were spent of 10.00.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from synthesis.engine.chat.errors import NoBudget, Parked
from synthesis.engine.chat.gate import Barrier, Ticket
from synthesis.engine.chat.model import Usage
from synthesis.engine.chat.rates import Rate, rate_of, wait_for
from synthesis.models import Budget, EndpointTraffic, ModelEndpoint, Reservation
from synthesis.services.breaker import SharedBreaker
from synthesis.services.database import DatabaseThread

FREE = 2.0
"""Seconds for which a run that had no budget is taken to have none."""
HOLD = 10.0
"""Seconds from which on a wait gives the place away."""
TAKE_PLACE = """
UPDATE synthesis_endpointtraffic SET
  requests_tat = CASE WHEN requests_tat > %s THEN requests_tat ELSE %s END + %s,
  tokens_tat = CASE WHEN tokens_tat > %s THEN tokens_tat ELSE %s END + %s
WHERE endpoint_id = %s AND requests_tat <= %s AND tokens_tat <= %s
"""
MARGIN = timedelta(seconds=60)
"""Added to the deadline of a try, so that no reservation of a living call ever counts as a dead one's."""


class DatabaseGate:
    """The gate of one endpoint for one run (None: outside of runs). ``clock`` is seconds since 1970."""

    def __init__(
        self, endpoint: ModelEndpoint, run_id: int | None, database: DatabaseThread, clock: Callable[[], float] = time.time
    ) -> None:
        self.endpoint_id, self.run_id, self.database, self.clock = endpoint.pk, run_id, database, clock
        self.requests = rate_of(endpoint.requests_a_minute) if endpoint.requests_a_minute else None
        self.tokens = rate_of(endpoint.tokens_a_minute, endpoint.tokens_a_minute // 4) if endpoint.tokens_a_minute else None
        self.breaker = SharedBreaker(endpoint.pk, endpoint.try_seconds, clock)
        self.free_until = 0.0
        self.life = timedelta(seconds=endpoint.try_seconds) + MARGIN

    async def reserve(self, tokens: int, cost: int) -> Ticket:
        """See ``Gate``. Money first: a place in the traffic that is not used cannot be given back.

        Every look at the database is a change of threads, which costs more than the rest of a call: there is none where nothing is limited.
        """
        ticket = await self._money(tokens, cost)
        if not self.requests and not self.tokens:
            return ticket
        try:
            while (wait := await self.database.run(self._pass, tokens)) > 0:
                if wait > HOLD:
                    raise Parked(wait)
                await asyncio.sleep(wait)
        except BaseException:
            await asyncio.shield(self.settle(ticket, None))
            raise
        return ticket

    async def _money(self, tokens: int, cost: int) -> Ticket:
        """Set money aside. A run without a budget is asked for one now and then: one that is set later counts from then on."""
        if self.run_id is None or not cost or self.clock() < self.free_until:
            return Ticket("", tokens, 0)
        ticket = await self.database.run(self._set_aside, tokens, cost)
        if not ticket.id:
            self.free_until = self.clock() + FREE
        return ticket

    async def barrier(self, *, fresh: bool) -> Barrier:
        """See ``Gate``."""
        return await self.database.run(self.breaker.barrier, fresh=fresh)

    async def failed(self, *, probe: bool) -> float:
        """See ``Gate``."""
        return await self.database.run(self.breaker.failed, probe=probe)

    async def succeeded(self) -> None:
        """See ``Gate``."""
        await self.database.run(self.breaker.succeeded)

    async def released(self) -> None:
        """See ``Gate``."""
        await self.database.run(self.breaker.released)

    async def settle(self, ticket: Ticket, usage: Usage | None) -> None:
        """See ``Gate``."""
        if ticket.id or (self.tokens and usage):
            await self.database.run(self._settle, ticket, usage)

    def _pass(self, tokens: int) -> float:
        """Take a place in the traffic; 0, or the seconds until there may be one."""
        now = int(self.clock() * 1_000_000)
        requests, counted = self.requests or Rate(0, 10**18), self.tokens or Rate(0, 10**18)
        weight = counted.interval * tokens
        # A call larger than the burst passes when nothing is ahead of it, and what follows waits for it.
        ahead = max(counted.tolerance - weight, 0)
        with connection.cursor() as cursor:
            cursor.execute(
                TAKE_PLACE,
                [now, now, requests.interval, now, now, weight, self.endpoint_id, now + requests.tolerance, now + ahead],
            )
            if cursor.rowcount:
                return 0.0
        row = EndpointTraffic.objects.filter(endpoint_id=self.endpoint_id).first()
        if row is None:
            EndpointTraffic.objects.get_or_create(endpoint_id=self.endpoint_id)
            return 0.001
        waits = [wait_for(row.requests_tat, now, requests), wait_for(row.tokens_tat, now, Rate(0, ahead))]
        return max(0.001, *waits)

    def _set_aside(self, tokens: int, cost: int) -> Ticket:
        with transaction.atomic():
            budget = Budget.objects.filter(run_id=self.run_id or 0)
            if budget.filter(limit__gte=F("spent") + F("reserved") + cost).update(reserved=F("reserved") + cost):
                made = Reservation.objects.create(budget_id=self.run_id, amount=cost, until=timezone.now() + self.life)
                return Ticket(str(made.pk), tokens, cost)
            if budget.exists():
                raise NoBudget("the budget of the run is spent")
        return Ticket("", tokens, 0)

    def _settle(self, ticket: Ticket, usage: Usage | None) -> None:
        if self.tokens and usage:
            spare = ticket.tokens - usage.prompt_tokens - usage.completion_tokens
            if spare > 0:
                traffic = EndpointTraffic.objects.filter(endpoint_id=self.endpoint_id)
                traffic.update(tokens_tat=F("tokens_tat") - spare * self.tokens.interval)
        if ticket.id:
            spent = usage.cost if usage else 0
            with transaction.atomic():
                if Reservation.objects.filter(pk=int(ticket.id)).delete()[0]:
                    Budget.objects.filter(pk=self.run_id or 0).update(reserved=F("reserved") - ticket.cost, spent=F("spent") + spent)


def budget_set(*, run_id: int, limit: int) -> None:
    """Allow a run to spend ``limit`` millionths in all; never less than what is spent or set aside already."""
    with transaction.atomic():
        budget, created = Budget.objects.select_for_update().get_or_create(run_id=run_id, defaults={"limit": limit})
        if not created:
            budget.limit = max(limit, budget.spent + budget.reserved)
            budget.save(update_fields=["limit"])


def reservations_of_the_dead(*, now: datetime) -> int:
    """Count what dead workers had set aside as spent. Returns how many reservations that were."""
    lost = 0
    for reservation in Reservation.objects.filter(until__lt=now).order_by("pk")[:1000]:
        with transaction.atomic():
            if Reservation.objects.filter(pk=reservation.pk).delete()[0]:
                budget = Budget.objects.filter(run_id=reservation.budget_id)
                budget.update(reserved=F("reserved") - reservation.amount, spent=F("spent") + reservation.amount)
                lost += 1
    return lost
