"""Fourteen ways in which providers fail, each as it was seen somewhere. Asked for in the name of the model: ``fake:fault=html``."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from tests.fakes.model_server.http import Connection

Completion = dict[str, Any]
Fault = Callable[[Connection, Completion, bool], Awaitable[None]]


def _error(status: int, kind: str, words: str, headers: dict[str, str] | None = None) -> Fault:
    async def fault(to: Connection, _completion: Completion, _stream: bool) -> None:
        await to.send(status, json.dumps({"error": {"type": kind, "message": words}}).encode(), headers)

    return fault


def _edited(**changes: Any) -> Fault:
    async def fault(to: Connection, completion: Completion, _stream: bool) -> None:
        await to.send(200, json.dumps({**completion, **changes}).encode())

    return fault


async def html(to: Connection, _completion: Completion, _stream: bool) -> None:
    """A page of a proxy."""
    await to.send(200, b"<!doctype html><html><body><h1>Welcome</h1></body></html>", kind="text/html")


async def cut_arguments(to: Connection, completion: Completion, _stream: bool) -> None:
    """A call whose arguments stop in the middle, with a finish reason as if all were well: of the tool that the answer would call."""
    calls = completion["choices"][0]["message"].get("tool_calls") or [{"function": {"name": "lookup"}}]
    call = {"id": "call_cut", "type": "function", "function": {"name": calls[0]["function"]["name"], "arguments": '{"key": "A-1'}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    await to.send(200, json.dumps({**completion, "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}).encode())


async def early_end(to: Connection, completion: Completion, stream: bool) -> None:
    """The answer ends early: a stream without its last event, a body shorter than promised."""
    body = json.dumps(completion).encode()
    if not stream:
        await to.head(200, {"content-type": "application/json", "content-length": str(len(body))})
        await to.raw(body[: len(body) // 2])
        to.cut()
        return
    await to.start_stream()
    await to.chunk(b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"Good"}}]}\n\n')
    await to.chunk(b"")


async def cut_chunk(to: Connection, completion: Completion, stream: bool) -> None:
    """JSON that stops in the middle although the transfer is whole."""
    if not stream:
        body = json.dumps(completion).encode()
        await to.send(200, body[: len(body) // 2])
        return
    await to.start_stream()
    await to.chunk(b'data: {"choices":[{"index":0,"delta":{"content":"Go')
    await to.chunk(b"")


async def drip(to: Connection, completion: Completion, _stream: bool) -> None:
    """A byte now and then: every read succeeds, the answer never ends."""
    body = json.dumps(completion).encode()
    await to.head(200, {"content-type": "application/json", "content-length": str(len(body))})
    for byte in body:
        await to.raw(bytes([byte]))
        await asyncio.sleep(0.5)


async def hang(to: Connection, _completion: Completion, _stream: bool) -> None:
    """Nothing, ever."""
    await asyncio.sleep(3600)


async def huge(to: Connection, _completion: Completion, _stream: bool) -> None:
    """Fifty megabytes."""
    size, piece = 50 * 1024 * 1024, b" " * 65536
    await to.head(200, {"content-type": "application/json", "content-length": str(size)})
    for _ in range(size // len(piece)):
        await to.raw(piece)


FAULTS: dict[str, Fault] = {
    "429-2s": _error(429, "rate_limit_exceeded", "Slow down.", {"retry-after": "2"}),
    "429-300s": _error(429, "rate_limit_exceeded", "Slow down a lot.", {"retry-after": "300"}),
    "500": _error(500, "server_error", "Something broke."),
    "529": _error(529, "overloaded_error", "Overloaded."),
    "html": html,
    "choices-null": _edited(choices=None),
    "choices-empty": _edited(choices=[]),
    "error-200": _edited(choices=None, error={"type": "server_error", "message": "upstream failed"}),
    "cut-arguments": cut_arguments,
    "early-end": early_end,
    "cut-chunk": cut_chunk,
    "drip": drip,
    "hang": hang,
    "huge": huge,
}
