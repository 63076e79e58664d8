"""The fake provider of a studio: it plays every role from the scenario that the studio's database holds."""

import asyncio
import json
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.fakes.model_server.faults import FAULTS
from tests.fakes.model_server.http import Connection, Request
from tests.fakes.model_server.library import Library
from tests.fakes.model_server.prepared import Prepared, key_of
from tests.fakes.model_server.question import question_of
from tests.fakes.model_server.server import FakeProvider
from tests.fakes.model_server.voices import answer


def _nobody(_body: dict[str, Any]) -> dict[str, Any]:
    raise NotImplementedError("the voices answer")


class StudioProvider(FakeProvider):
    """``library`` is None without a database: then it knows no scenario. ``prepared`` answers are looked up first. ``log`` gets a line for
    every request: when (seconds since 1970), whom it was for, and whether it came during the outage that ``outage=300`` asks for, when for
    so many seconds from the start nothing is answered but that something broke.
    """

    def __init__(
        self,
        library: Library | None,
        defaults: Mapping[str, str] | None = None,
        prepared: Prepared | None = None,
        *,
        memory: bool = True,
        log: Path | None = None,
    ) -> None:
        super().__init__(_nobody, defaults, memory=memory)
        self.library, self.prepared = library, prepared
        self.latency = float(self.defaults.get("latency", 0)) / 1000
        self.over = time.time() + float(self.defaults.get("outage", 0))
        self.log = log.open("a", encoding="utf-8", buffering=1) if log else None
        self.served = 0

    async def message(self, body: dict[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        """The voice of the role that is asked, over the play it is about."""
        question = question_of(body, headers, self.defaults)
        play = None
        if self.library and question.episode:
            find = self.library.checked if question.role == "judge" else self.library.play
            play = await find(question.episode)
        return answer(question, play)

    async def chat(self, request: Request, to: Connection) -> None:
        """As every provider; a prepared answer goes out as it stands, and an error in a voice is the server's error."""
        self.served += 1
        now = time.time()
        if self.log:
            told = [request.headers.get(f"x-studio-{name}", "") for name in ("role", "episode")]
            self.log.write(json.dumps([now, *told, now < self.over]) + "\n")
        if now < self.over:
            await FAULTS["500"](to, {}, False)
            return
        key = key_of(request.headers, request.body) if self.prepared else ""
        found = self.prepared.find(key) if self.prepared else None
        if found is not None:
            if self.latency:
                await asyncio.sleep(self.latency)
            await to.send(200, found)
            return
        taps = Tap(to) if self.prepared else to
        try:
            await super().chat(request, taps)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - the border: a fault of a voice is an answer of a server
            traceback.print_exc(file=sys.stderr)
            problem = {"error": {"type": "fake_provider_error", "message": f"{type(error).__name__}: {error}"}}
            await to.send(500, json.dumps(problem).encode())
            return
        if self.prepared and isinstance(taps, Tap) and taps.whole:
            self.prepared.keep(key, taps.whole)


class Tap(Connection):
    """A connection that also keeps the body of a good answer that was sent whole."""

    def __init__(self, to: Connection) -> None:
        super().__init__(to.writer)
        self.whole = b""

    async def send(self, status: int, body: bytes, headers: dict[str, str] | None = None, kind: str = "application/json") -> None:
        """Send, and keep what is good."""
        self.whole = body if status == 200 else b""
        await super().send(status, body, headers, kind)
