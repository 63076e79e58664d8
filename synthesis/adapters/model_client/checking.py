"""A self-check: the questions of ``engine/chat/probes`` put to an endpoint, once each, within a deadline each."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec

from synthesis.adapters.model_client.endpoint import Endpoint
from synthesis.adapters.model_client.wire import Wire
from synthesis.engine.chat import probes
from synthesis.engine.chat.answer import Answer, failure_of, read_answer, read_completion
from synthesis.engine.chat.body import body_of
from synthesis.engine.chat.errors import ChatError, Refused, Stopped, Unreachable
from synthesis.engine.chat.model import ChatReply, Usage
from synthesis.engine.chat.probes import NAMES, REQUESTS, Finding

LONGEST = 30.0
"""Seconds for one question: a check of all of them is over within four minutes whatever the endpoint does."""
EMBEDDINGS = "/embeddings"


class Checker:
    """One check of one endpoint. ``usage`` is what its answers took."""

    def __init__(self, endpoint: Endpoint, clock: Callable[[], float] = time.monotonic) -> None:
        self.endpoint = msgspec.structs.replace(endpoint, try_seconds=min(endpoint.try_seconds, LONGEST))
        self.clock, self.calls, self.failures = clock, 0, 0
        self.usage = Usage(attempts=0)

    async def findings(self) -> AsyncIterator[list[Finding]]:
        """What each question found, as soon as it did. Where nothing can be asked at all the rest stays unasked."""
        self.wire = Wire(self.endpoint)
        try:
            for number, (name, ask) in enumerate(self._questions()):
                try:
                    yield await ask()
                except ChatError as error:
                    self.failures += 1
                    yield [Finding(name, "no", error.kind, str(error)[: probes.LONGEST_NOTE])]
                    if number == 0 and isinstance(error, Stopped | Unreachable | Refused):
                        yield probes.unasked(NAMES[1:])
                        return
        finally:
            await self.wire.close()

    def _questions(self) -> list[tuple[str, Callable[[], Awaitable[list[Finding]]]]]:
        return [
            ("plain", self._plain),
            ("stream", self._stream),
            ("tool", lambda: self._calls("tool")),
            ("parallel", lambda: self._calls("parallel")),
            ("schema", self._schema),
            ("embeddings", self._embeddings),
        ]

    async def _plain(self) -> list[Finding]:
        answer, seconds = await self._asked("plain")
        reply = self._counted(read_answer(answer, REQUESTS["plain"], self.endpoint.profile), seconds)
        return probes.read_plain(reply, _finish(answer), self.endpoint.profile)

    async def _stream(self) -> list[Finding]:
        pieces: list[str] = []

        async def on_delta(text: str) -> None:
            pieces.append(text)

        request = REQUESTS["stream"]
        began = self.clock()
        self.calls += 1
        body = body_of(request, self.endpoint.model, self.endpoint.profile, self.endpoint.parameters, stream=True)
        got = await self.wire.stream(msgspec.json.encode(body), on_delta)
        seconds = self.clock() - began
        if isinstance(got, Answer):
            self._counted(read_answer(got, request, self.endpoint.profile), seconds)
            return [Finding("stream", "no", "at_once", "", round(seconds, 2))]
        reply = self._counted(read_completion(got, request, self.endpoint.profile), seconds)
        works: probes.Works = "yes" if len(pieces) > 1 else "partly"
        code = "uncounted" if reply.usage.estimated else ("" if works == "yes" else "one_piece")
        return [Finding("stream", works, code, f"pieces={len(pieces)}", reply.usage.seconds)]

    async def _calls(self, name: str) -> list[Finding]:
        answer, seconds = await self._asked(name)
        return [probes.read_calls(name, self._counted(read_answer(answer, REQUESTS[name], self.endpoint.profile), seconds))]

    async def _schema(self) -> list[Finding]:
        answer, seconds = await self._asked("schema")
        reply = self._counted(read_answer(answer, REQUESTS["schema"], self.endpoint.profile), seconds)
        return [probes.read_schema(reply, self.endpoint.profile)]

    async def _embeddings(self) -> list[Finding]:
        """Few chat models have them; a refusal is an answer, not a failure."""
        began = self.clock()
        self.calls += 1
        answer = await self.wire.ask(msgspec.json.encode({"model": self.endpoint.model, "input": ["a record"]}), path=EMBEDDINGS)
        seconds = round(self.clock() - began, 2)
        if answer.status != 200:
            return [Finding("embeddings", "no", "not_offered", str(failure_of(answer))[: probes.LONGEST_NOTE], seconds)]
        try:
            vector = msgspec.json.decode(answer.body)["data"][0]["embedding"]
            return [Finding("embeddings", "yes", "", f"dimensions={len(vector)}", seconds)]
        except (msgspec.DecodeError, LookupError, TypeError):
            return [Finding("embeddings", "no", "garbled", "", seconds)]

    async def _asked(self, name: str) -> tuple[Answer, float]:
        began = self.clock()
        self.calls += 1
        body = body_of(REQUESTS[name], self.endpoint.model, self.endpoint.profile, self.endpoint.parameters, stream=False)
        answer = await self.wire.ask(msgspec.json.encode(body))
        return answer, self.clock() - began

    def _counted(self, reply: ChatReply, seconds: float) -> ChatReply:
        usage = msgspec.structs.replace(reply.usage, seconds=round(seconds, 2), cost=self.endpoint.price.of(reply.usage))
        self.usage = self.usage.plus(usage)
        return msgspec.structs.replace(reply, usage=usage)


def _finish(answer: Answer) -> Any:
    """The finish reason as it came; the answer was read already."""
    return msgspec.json.decode(answer.body)["choices"][0].get("finish_reason")
