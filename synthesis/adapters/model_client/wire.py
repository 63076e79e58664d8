"""One try: a body out, an answer back, within a deadline and a bound of bytes.

The ``openai`` client is used as a plain carrier: its retries are off, bodies go in as bytes and answers come out as bytes, because
building its typed objects costs more CPU than everything else of a call (docs/performance.md).
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any, TypeVar, cast

import aiohttp
import httpx2
import openai
from openai._vendor.httpx_aiohttp import AiohttpTransport

from synthesis.adapters.model_client.endpoint import Endpoint
from synthesis.adapters.model_client.pinned import OutOfReach, Pinned
from synthesis.engine.chat.answer import LARGEST_REPLY, Answer, error_of, failure_of
from synthesis.engine.chat.errors import ChatError, Cut, Refused, TooSlow, Unreachable
from synthesis.engine.chat.model import OnDelta
from synthesis.engine.chat.stream import Assembler

T = TypeVar("T")
PATH = "/chat/completions"
MOST_CAUSES = 8
KEPT_SECONDS = 15.0
"""How long a connection that nobody uses is kept."""
HIDDEN = b"[key]"
SHORTEST_SECRET = 12
"""Shorter keys (EMPTY, ollama) are words that answers may hold."""
NO_KEY = "none"
"""What goes out where an endpoint has no key: the package insists on one."""


class TooLarge(httpx2.RequestError):
    """An answer beyond the bound."""


class Wire:
    """A connection to an endpoint. One for each event loop, for as long as it runs: a new one for each call would cost ten times a call."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.secret = endpoint.key.encode() if len(endpoint.key) >= SHORTEST_SECRET else b""
        self.refusal = endpoint.reach.refusal(endpoint.base_url)
        # Nothing of the environment: a proxy or a certificate of the shell must not decide where prompts and keys go.
        transport = _Bounded(AiohttpTransport(trust_env=False, client=self._session), self._hidden)
        self.http = httpx2.AsyncClient(transport=transport, follow_redirects=False, timeout=None, trust_env=False)
        self.client = openai.AsyncOpenAI(
            api_key=endpoint.key or NO_KEY, base_url=endpoint.base_url, max_retries=0, timeout=None, http_client=self.http
        )

    def _session(self) -> aiohttp.ClientSession:
        """Connections to where the endpoint may be, and nowhere else. Called once, in the event loop."""
        # No limit: there are places for that. A number in the address passes by the resolver; ``refusal`` has looked at it.
        connector = aiohttp.TCPConnector(
            limit=0, keepalive_timeout=KEPT_SECONDS, ssl=httpx2.create_ssl_context(trust_env=False), resolver=Pinned(self.endpoint.reach)
        )
        return aiohttp.ClientSession(connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        """Close the connections."""
        await self.client.close()

    async def ask(self, body: bytes, headers: Mapping[str, str] | None = None, path: str = PATH) -> Answer:
        """Send ``body`` and read the whole answer, whatever its status. Raises ChatErrors of the wire."""
        return await self._within(self._ask(body, headers, path))

    async def stream(self, body: bytes, on_delta: OnDelta, headers: Mapping[str, str] | None = None) -> Answer | dict[str, Any]:
        """Send ``body`` and tell each piece of text as it comes; gives the completion that the pieces spell, or the answer as it is of an
        endpoint that did not stream. Raises ChatErrors.
        """
        return await self._within(self._stream(body, on_delta, headers))

    async def _within(self, work: Coroutine[Any, Any, T]) -> T:
        """``work`` within the deadline, its errors as ours."""
        if self.refusal:
            work.close()
            raise Refused(self.refusal.text)
        try:
            async with asyncio.timeout(self.endpoint.try_seconds):
                return await work
        except TimeoutError:
            raise TooSlow(f"no whole answer within {self.endpoint.try_seconds:g} s") from None
        except (openai.APIConnectionError, httpx2.RequestError) as error:
            raise _broken(error) from None

    async def _ask(self, body: bytes, headers: Mapping[str, str] | None, path: str) -> Answer:
        response: Any
        try:
            response = await self.client.post(path, content=body, cast_to=httpx2.Response, options=_options(headers))
        except openai.APIStatusError as error:
            # Its words are the endpoint's, keys and all: nothing may go wrong in here, or they were told as what went before it.
            response = error.response
        return self._answer(response, response.content)

    async def _stream(self, body: bytes, on_delta: OnDelta, headers: Mapping[str, str] | None) -> Answer | dict[str, Any]:
        failed: Any = None
        try:
            # With this cast the package hands over the unread response; the class of streams is asked for by its types alone.
            sent = await self.client.post(
                PATH, content=body, cast_to=httpx2.Response, options=_options(headers), stream=True, stream_cls=openai.AsyncStream[Any]
            )
        except openai.APIStatusError as error:
            failed = error.response
        if failed is not None:
            raise failure_of(self._answer(failed, failed.content))
        response = cast("httpx2.Response", sent)
        try:
            if "text/event-stream" not in response.headers.get("content-type", ""):
                return self._answer(response, await response.aread())
            return await self._assembled(response, on_delta)
        finally:
            await response.aclose()

    async def _assembled(self, response: httpx2.Response, on_delta: OnDelta) -> dict[str, Any]:
        assembler = Assembler()
        async for line in _lines(response):
            if said := assembler.take(self._hidden(line)):
                await on_delta(said)
            if assembler.done:
                break
        completion = assembler.completion()
        if "error" in completion:
            raise error_of(completion["error"], self._answer(response, b""))
        return completion

    def _answer(self, response: Any, body: bytes) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, self._hidden(body))

    def _hidden(self, said: bytes) -> bytes:
        """What came back, without the key: endpoints repeat it in errors, and errors go into logs, events and pages."""
        return said.replace(self.secret, HIDDEN) if self.secret and self.secret in said else said


async def _lines(response: httpx2.Response) -> AsyncIterator[bytes]:
    """Lines of a stream, without their ends; the last one even where it has none."""
    rest = b""
    async for piece in response.aiter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line.rstrip(b"\r")
    if rest:
        yield rest


_count = itertools.count(1)


def _options(headers: Mapping[str, str] | None) -> openai.RequestOptions:
    """Headers, and a name for the request: the package would draw one from the system's randomness, which lets go of the interpreter and
    waits for its turn again. Nobody below us tries twice, so any name will do.
    """
    options: openai.RequestOptions = {"idempotency_key": f"call-{os.getpid()}-{next(_count)}"}
    if headers:
        options["headers"] = headers
    return options


def _broken(error: Exception) -> ChatError:
    """What a broken connection means. The address may stand in the words of the error, the key never does."""
    causes = _causes(error)
    forbidden = next((cause for cause in causes if isinstance(cause, OutOfReach)), None)
    if forbidden:
        return Refused(str(forbidden))
    if any(isinstance(cause, TooLarge) for cause in causes):
        return Refused(f"an answer of more than {LARGEST_REPLY:,} bytes")
    inner = causes[1] if len(causes) > 1 else error
    name = type(inner).__name__
    if any(isinstance(cause, httpx2.UnsupportedProtocol) for cause in causes):
        return Refused("the base URL is no address that can be asked")
    if isinstance(inner, httpx2.RemoteProtocolError | httpx2.ReadError | httpx2.DecodingError):
        return Cut(f"the connection broke while the answer came ({name})")
    return Unreachable(f"no connection ({name})")


def _causes(error: BaseException) -> list[BaseException]:
    """An error and what led to it, the outermost first."""
    found: list[BaseException] = []
    inner: BaseException | None = error
    while inner is not None and len(found) < MOST_CAUSES:
        found.append(inner)
        inner = inner.__cause__ or inner.__context__
    return found


class _Bounded(httpx2.AsyncBaseTransport):
    """A transport that reads no answer beyond the bound, and whose headers pass ``hidden``: libraries write them into their logs."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, hidden: Callable[[bytes], bytes]) -> None:
        self.inner, self.hidden = inner, hidden

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self.inner.handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _BoundedStream(response.stream)
        came = response.headers.raw
        clean = [(name, self.hidden(value)) for name, value in came]
        if clean != came:
            response.headers = httpx2.Headers(clean)
        return response

    async def aclose(self) -> None:
        await self.inner.aclose()


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self.inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for piece in self.inner:
            read += len(piece)
            if read > LARGEST_REPLY:
                raise TooLarge("too large")
            yield piece

    async def aclose(self) -> None:
        await self.inner.aclose()
