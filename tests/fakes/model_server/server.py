"""The provider: models, latency, faults, answers.

The name of the model says how it behaves: ``fake``, ``fake:latency=200``, ``fake:fault=html``, ``fake:fault=500,times=2`` (the fault
strikes that often, then all is well), joined by commas. ``faults=0.1`` strikes that share of the requests, drawn from the request itself.
``embeddings=no`` has none. Options of the voices: see ``voices``. The model it answers as is always called ``fake``.
"""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.model_server.embeddings import embeddings_of
from tests.fakes.model_server.faults import FAULTS
from tests.fakes.model_server.http import Connection, Request, serve
from tests.fakes.model_server.question import ways_of

Answer = Callable[[dict[str, Any]], dict[str, Any]]
"""A request's body to the message of its answer: ``{content, tool_calls, reasoning_content}``, each optional."""
PIECE = 12
MODELS = json.dumps({"object": "list", "data": [{"id": "fake", "object": "model", "created": 0, "owned_by": "fake provider"}]}).encode()


class FakeProvider:
    """``answer`` decides what is said; ``defaults`` are options beside those in the model's name. Whoever starts it notes its ``url``.

    ``asked`` keeps the bodies, ``tries`` counts requests by model, ``keys`` what came as a key, ``told`` the role and the episode that
    headers named, ``moments`` when requests came (of the loop's clock). A provider that runs for long keeps none of it: ``memory=False``.
    """

    def __init__(self, answer: Answer, defaults: Mapping[str, str] | None = None, *, memory: bool = True) -> None:
        self.answer, self.defaults, self.memory = answer, dict(defaults or {}), memory
        self.url = ""
        self.asked: list[dict[str, Any]] = []
        self.tries: Counter[str] = Counter()
        self.keys: set[str] = set()
        self.moments: list[float] = []
        self.told: list[tuple[str, str]] = []

    async def start(self, port: int = 0) -> asyncio.Server:
        """Serve at ``port`` of this machine."""
        return await serve(self.handle, port=port)

    async def message(self, body: dict[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        """The message that answers a request."""
        return self.answer(body)

    async def handle(self, request: Request, to: Connection) -> None:
        """Answer one request."""
        if request.path.startswith("/moved/"):
            self._remember(request, None)
            await to.send(307, b"", {"location": request.path.removeprefix("/moved")})
        elif request.path.endswith("/chat/completions"):
            await self.chat(request, to)
        elif request.path.endswith("/embeddings"):
            body = json.loads(request.body)
            self._remember(request, body)
            if ways_of(str(body.get("model", "")), self.defaults).get("embeddings") == "no":
                await to.send(404, b'{"error": {"type": "not_found", "message": "This model has no embeddings."}}')
            else:
                await to.send(200, json.dumps(embeddings_of(body)).encode())
        elif request.path.endswith("/models"):
            self._remember(request, None)
            await to.send(200, MODELS)
        else:
            await to.send(404, b'{"error": {"type": "not_found", "message": "No such path."}}')

    def _remember(self, request: Request, body: dict[str, Any] | None) -> None:
        if self.memory:
            self.told.append((request.headers.get("x-studio-role", ""), request.headers.get("x-studio-episode", "")))
            self.keys.add(request.headers.get("authorization", "").removeprefix("Bearer "))
        if self.memory and body is not None:
            self.asked.append(body)
            self.moments.append(asyncio.get_running_loop().time())

    async def chat(self, request: Request, to: Connection) -> None:
        """Answer one chat completion."""
        body = json.loads(request.body)
        name = str(body.get("model", ""))
        ways = ways_of(name, self.defaults)
        self._remember(request, body)
        self.tries[name] += 1
        number = self.tries[name]
        if ways.get("latency"):
            await asyncio.sleep(float(ways["latency"]) / 1000)
        completion = completion_of(body, await self.message(body, request.headers), number)
        stream = bool(body.get("stream"))
        if struck(ways, request.body, number):
            await FAULTS[ways["fault"]](to, completion, stream)
        elif stream:
            await streamed(to, completion, float(ways.get("pace", 0)) / 1000)
        else:
            await to.send(200, json.dumps(completion).encode())


def struck(ways: Mapping[str, str], body: bytes, number: int) -> bool:
    """Whether the fault that was asked for strikes the ``number``-th request of its model: drawn from body and number, so that a second
    try of the same request may succeed.
    """
    if ways.get("fault", "none") == "none":
        return False
    if "faults" in ways:
        draw = hashlib.blake2b(body + str(number).encode(), digest_size=4).digest()
        return int.from_bytes(draw, "big") / 2**32 < float(ways["faults"])
    return number <= int(ways.get("times", "1000000"))


def completion_of(body: dict[str, Any], message: dict[str, Any], number: int) -> dict[str, Any]:
    """A whole chat completion around a message."""
    said = {"role": "assistant", "content": None, **message}
    prompt, answer = (len(json.dumps(part)) // 4 + 1 for part in ([body.get("messages"), body.get("tools")], message))
    return {
        "id": f"fake-{number}",
        "object": "chat.completion",
        "created": 0,
        "model": "fake",
        "choices": [{"index": 0, "message": said, "finish_reason": "tool_calls" if message.get("tool_calls") else "stop"}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer},
    }


async def streamed(to: Connection, completion: dict[str, Any], pace: float = 0.0) -> None:
    """The same completion as a stream of events, in small pieces, ``pace`` seconds apart."""
    await to.start_stream()
    message, finish = completion["choices"][0]["message"], completion["choices"][0]["finish_reason"]
    for delta in [{"role": "assistant"}, *_deltas(message)]:
        await _event(to, completion, {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        if pace:
            await asyncio.sleep(pace)
    await _event(to, completion, {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    await _event(to, completion, {"choices": [], "usage": completion["usage"]})
    await to.chunk(b"data: [DONE]\n\n")
    await to.chunk(b"")


def _deltas(message: dict[str, Any]) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = []
    for name in ("reasoning_content", "content"):
        text = message.get(name) or ""
        deltas += [{name: text[start : start + PIECE]} for start in range(0, len(text), PIECE)]
    for index, call in enumerate(message.get("tool_calls") or []):
        function, arguments = call["function"], call["function"]["arguments"]
        deltas.append({"tool_calls": [{"index": index, "id": call["id"], "type": "function", "function": {"name": function["name"]}}]})
        pieces = [arguments[start : start + PIECE] for start in range(0, len(arguments), PIECE)]
        deltas += [{"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in pieces]
    return deltas


async def _event(to: Connection, completion: dict[str, Any], chunk: dict[str, Any]) -> None:
    whole = {"id": completion["id"], "object": "chat.completion.chunk", "model": completion["model"], **chunk}
    await to.chunk(b"data: " + json.dumps(whole).encode() + b"\n\n")
