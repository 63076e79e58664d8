"""The client: tries, waits, places, limits and budgets around the wire."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable

import msgspec

from synthesis.adapters.model_client.endpoint import Endpoint
from synthesis.adapters.model_client.wire import Wire
from synthesis.engine.chat.answer import Answer, read_answer, read_completion
from synthesis.engine.chat.body import body_of, headers_of, tokens_guess
from synthesis.engine.chat.errors import ChatError, Parked, Passing, RateLimited, Stopped, Unusable, note_taken
from synthesis.engine.chat.gate import Barrier, Gate, OpenGate, Ticket
from synthesis.engine.chat.model import ChatReply, ChatRequest, OnDelta, Usage
from synthesis.engine.chat.traffic import Breaker, Width
from synthesis.engine.chat.waiting import Patience, wait_before

ALONE = 2.0
"""Seconds for which the first call of a process goes alone: an endpoint that is down need not be told so by all its places at once."""
LOOK = 0.25
"""Seconds between two looks at whether somebody else has found out how the endpoint is."""


class ModelClient:
    """A ``ChatModel`` at one endpoint, for one event loop. ``clock`` and ``rng`` are for tests."""

    def __init__(
        self,
        endpoint: Endpoint,
        gate: Gate | None = None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self.endpoint, self.gate, self.patience = endpoint, gate or OpenGate(), patience or Patience()
        self.clock, self.rng = clock, rng or random.Random()
        self.wire = Wire(endpoint)
        self.width, self.breaker = Width(endpoint.concurrency), Breaker()
        self.flying = 0
        self.freed = asyncio.Condition()
        self.asked, self.heard = False, asyncio.Event()

    async def close(self) -> None:
        """Close the connections."""
        await self.wire.close()

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        """Answer ``request``; see ``ChatModel``. With ``on_delta`` the answer is streamed."""
        profile = self.endpoint.profile
        body = msgspec.json.encode(body_of(request, self.endpoint.model, profile, self.endpoint.parameters, stream=on_delta is not None))
        return await self.tried(request, body, on_delta)

    async def tried(self, request: ChatRequest, body: bytes, on_delta: OnDelta | None = None) -> ChatReply:
        """The answer to ``body``, asked for as often as patience allows; ``request`` says how long it may be and how it is read."""
        began, tried = self.clock(), 0
        while True:
            tried += 1
            try:
                reply = await self._try(request, body, on_delta)
            except Passing as error:
                if on_delta is not None:
                    await on_delta("")
                await asyncio.sleep(wait_before(error, tried, self.clock() - began, self.patience, self.rng))
                continue
            return msgspec.structs.replace(reply, usage=msgspec.structs.replace(reply.usage, attempts=tried))

    async def _try(self, request: ChatRequest, body: bytes, on_delta: OnDelta | None) -> ChatReply:
        if not self.heard.is_set() and not self.breaker.failures:
            await self._after_the_first()
        try:
            probe = await self._barrier()
        except asyncio.CancelledError:
            self.breaker.released()
            raise
        try:
            async with self._place():
                most = self._most(request, body)
                ticket = await self.gate.reserve(most.prompt_tokens + most.completion_tokens, most.cost)
                return await self._ask(request, body, on_delta, ticket, most, probe)
        except (asyncio.CancelledError, Parked, Stopped):
            await self._released(probe)
            raise

    async def _after_the_first(self) -> None:
        """Wait until something is known of the endpoint, but not for long: it may be slow."""
        if self.asked:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.heard.wait(), ALONE)
        self.asked = True

    async def _barrier(self) -> bool:
        """Whether this try is a probe. Raises Parked while nobody may ask. In good times nobody else is consulted."""
        if (wait := self.breaker.wait(self.clock())) > 0:
            raise Parked(wait)
        fresh = not self.heard.is_set()
        if not fresh and not self.breaker.failures:
            return False
        barrier = await self._in_turn(fresh)
        if barrier.wait > 0:
            self.breaker.opened(self.clock(), barrier.wait)
            raise Parked(barrier.wait)
        if barrier.closed:
            self.breaker.succeeded()
        return barrier.probe

    async def _in_turn(self, fresh: bool) -> Barrier:
        """What the others know. While they find out, this call waits for its turn, but not for long: the endpoint may be slow."""
        for _ in range(int(ALONE / LOOK)):
            barrier = await self.gate.barrier(fresh=fresh)
            if not barrier.busy:
                return barrier
            await asyncio.sleep(LOOK)
        return Barrier()

    async def _released(self, probe: bool) -> None:
        self.breaker.released()
        if probe:
            await asyncio.shield(self.gate.released())

    def _most(self, request: ChatRequest, body: bytes) -> Usage:
        """What a try takes at most."""
        most = Usage(prompt_tokens=tokens_guess(body), completion_tokens=request.max_tokens, estimated=True)
        return msgspec.structs.replace(most, cost=self.endpoint.price.of(most))

    async def _ask(
        self, request: ChatRequest, body: bytes, on_delta: OnDelta | None, ticket: Ticket, most: Usage, probe: bool
    ) -> ChatReply:
        """One try on the wire. Whatever happens the ticket is settled, and width and breaker learn of it; a try that is called off counts
        as ``most``, since the endpoint goes on with it and bills it.
        """
        began, usage = self.clock(), None
        try:
            reply = await self._read(request, body, on_delta)
            usage = self._counted(reply.usage, began)
        except Unusable as answered:
            usage = answered.usage = self._counted(answered.usage, began)
            await self._learn(None, probe)
            raise
        except ChatError as error:
            await self._learn(error, probe)
            raise
        except asyncio.CancelledError as called_off:
            usage = msgspec.structs.replace(most, seconds=round(self.clock() - began, 4))
            note_taken(called_off, usage)
            raise
        finally:
            await self.gate.settle(ticket, usage)
        await self._learn(None, probe)
        return msgspec.structs.replace(reply, usage=usage)

    def _counted(self, usage: Usage, began: float) -> Usage:
        return msgspec.structs.replace(usage, seconds=round(self.clock() - began, 4), cost=self.endpoint.price.of(usage))

    async def _read(self, request: ChatRequest, body: bytes, on_delta: OnDelta | None) -> ChatReply:
        headers = headers_of(request, self.endpoint.profile)
        got = await (self.wire.ask(body, headers) if on_delta is None else self.wire.stream(body, on_delta, headers))
        if isinstance(got, Answer):
            return read_answer(got, request, self.endpoint.profile)
        return read_completion(got, request, self.endpoint.profile)

    async def _learn(self, error: ChatError | None, probe: bool) -> None:
        """What an answer, or none, tells of the endpoint: width, breaker, and all other workers."""
        if isinstance(error, Passing) and not isinstance(error, RateLimited):
            self.breaker.failed(self.clock())
            if (wait := await self.gate.failed(probe=probe)) > 0:
                self.breaker.opened(self.clock(), wait)
            self.heard.set()
            return
        doubted = self.breaker.failures > 0 or not self.heard.is_set()
        self.heard.set()
        self.breaker.succeeded()
        if isinstance(error, RateLimited):
            self.width.limited(self.clock())
        elif error is None:
            self.width.succeeded()
        if doubted:
            await self.gate.succeeded()

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One of the places in flight, of which there are more or fewer as the endpoint answers."""
        async with self.freed:
            await self.freed.wait_for(lambda: self.flying < self.width.now)
            self.flying += 1
        try:
            yield
        finally:
            async with self.freed:
                self.flying -= 1
                # As many as there is room for: the width may have grown since the last one was let in.
                self.freed.notify(max(1, self.width.now - self.flying))
