"""A hostile endpoint: it repeats the key it was given wherever an answer has room for it, and goes wrong in many ways."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.fakes.model_server.http import port_of

WAYS = (
    "refused",
    "no_access",
    "no_quota",
    "broken",
    "html",
    "cut",
    "error_with_200",
    "said",
    "called",
    "streamed",
    "stream_error",
    "redirect",
)


def _answer(way: str, key: str) -> tuple[int, str, str]:
    """Status, kind and body of an answer that goes wrong in this way."""
    words = {"error": {"message": f"Incorrect API key provided: {key}", "type": key, "code": key, "param": key}}
    said: dict[str, object] = {"role": "assistant", "content": f"Your key is {key}.", "reasoning_content": key}
    if way == "called":
        arguments = json.dumps({"key": key})
        call = {"id": f"c-{key}", "type": "function", "function": {"name": "look_up", "arguments": arguments}}
        said |= {"content": None, "tool_calls": [call]}
    whole = {"model": f"m-{key}", "choices": [{"message": said, "finish_reason": "stop"}]}
    statuses = {"refused": 400, "no_access": 401, "no_quota": 402, "broken": 500}
    if way in statuses:
        return statuses[way], "application/json", json.dumps(words)
    if way == "html":
        return 200, "text/html", f"<html>{key}</html>"
    if way == "cut":
        return 200, "application/json", json.dumps(whole)[:-20]
    if way == "error_with_200":
        return 200, "application/json", json.dumps(words)
    if way == "redirect":
        return 307, "application/json", json.dumps(words)
    if way in {"streamed", "stream_error"}:
        piece = {"model": key, "choices": [{"delta": {"content": f"It is {key}"}, "finish_reason": "stop"}]}
        sent = words if way == "stream_error" else piece
        return 200, "text/event-stream", f"data: {json.dumps(sent)}\n\ndata: [DONE]\n\n"
    return 200, "application/json", json.dumps(whole)


class EchoServer:
    """``url`` is its base URL; the model's name says in which way it goes wrong; ``keys`` is what it was given."""

    def __init__(self) -> None:
        self.url, self.keys = "", set[str]()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        fields = {name.lower(): value for name, value in fields.items()}
        body = json.loads(await reader.readexactly(int(fields.get("content-length", "0"))) or b"{}")
        key = fields.get("authorization", "").removeprefix("Bearer ")
        self.keys.add(key)
        status, kind, text = _answer(str(body.get("model", "")), key)
        raw = text.encode()
        lines = [f"HTTP/1.1 {status} Well", f"content-type: {kind}", f"x-request-id: {key}", f"location: {self.url}/{key}"]
        lines += [f"content-length: {len(raw)}", "connection: close"]
        writer.write("\r\n".join([*lines, "", ""]).encode() + raw)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def echo_server() -> AsyncIterator[EchoServer]:
    """A server that listens while the block runs."""
    echo = EchoServer()
    server = await asyncio.start_server(echo.handle, "127.0.0.1", 0)
    echo.url = f"http://127.0.0.1:{port_of(server)}/v1"
    try:
        yield echo
    finally:
        server.close()
