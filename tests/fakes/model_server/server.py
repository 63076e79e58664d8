"""The provider: models, latency, faults, answers.

The name of the model says how it behaves: ``fake``, ``fake:latency=200``, ``fake:fault=html``, ``fake:fault=500,times=2`` (the fault
strikes that often, then all is well), joined by commas.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.fakes.model_server.faults import FAULTS
from tests.fakes.model_server.http import Connection, Request, serve

Answer = Callable[[dict[str, Any]], dict[str, Any]]
"""A request's body to the message of its answer: ``{content, tool_calls, reasoning_content}``, each optional."""
PIECE = 12


class FakeProvider:
    """``answer`` decides what is said. ``asked`` keeps the bodies, ``tries`` counts requests by model, ``keys`` what came as a key,
    ``told`` the role and the episode that headers named. Whoever starts it notes its ``url``.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.url = ""
        self.asked: list[dict[str, Any]] = []
        self.tries: Counter[str] = Counter()
        self.keys: set[str] = set()
        self.moments: list[float] = []
        self.told: list[tuple[str, str]] = []

    async def start(self, port: int = 0) -> asyncio.Server:
        """Serve at ``port`` of this machine."""
        return await serve(self.handle, port=port)

    async def handle(self, request: Request, to: Connection) -> None:
        """Answer one request."""
        self.told.append((request.headers.get("x-studio-role", ""), request.headers.get("x-studio-episode", "")))
        self.keys.add(request.headers.get("authorization", "").removeprefix("Bearer "))
        if request.path.endswith("/models"):
            await to.send(200, json.dumps({"object": "list", "data": [{"id": "fake", "object": "model"}]}).encode())
        elif request.path.startswith("/moved/"):
            await to.send(307, b"", {"location": request.path.removeprefix("/moved")})
        elif request.path.endswith("/chat/completions"):
            await self.chat(json.loads(request.body), to)
        else:
            await to.send(404, b'{"error": {"type": "not_found", "message": "No such path."}}')

    async def chat(self, body: dict[str, Any], to: Connection) -> None:
        """Answer one chat completion."""
        name = str(body.get("model", ""))
        ways = dict(part.partition("=")[::2] for part in name.partition(":")[2].split(",") if part)
        self.asked.append(body)
        self.tries[name] += 1
        self.moments.append(asyncio.get_running_loop().time())
        if ways.get("latency"):
            await asyncio.sleep(float(ways["latency"]) / 1000)
        completion = completion_of(body, self.answer(body), self.tries[name])
        stream = bool(body.get("stream"))
        if "fault" in ways and self.tries[name] <= int(ways.get("times", "1000000")):
            await FAULTS[ways["fault"]](to, completion, stream)
        elif stream:
            await streamed(to, completion)
        else:
            await to.send(200, json.dumps(completion).encode())


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


async def streamed(to: Connection, completion: dict[str, Any]) -> None:
    """The same completion as a stream of events, in small pieces."""
    await to.start_stream()
    message, finish = completion["choices"][0]["message"], completion["choices"][0]["finish_reason"]
    for delta in [{"role": "assistant"}, *_deltas(message)]:
        await _event(to, completion, {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
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
