"""Runs whose seats are models at a fake provider that says little: over worlds in this process, without a judge."""

import time
from typing import Any

from studio.pipelines.model_room import ModelRoom
from studio.pipelines.run_stage import RunSeats
from synthesis.engine.chat.errors import ChatError, GaveUp
from synthesis.engine.chat.model import ChatModel, ChatReply, ChatRequest, OnDelta, Role
from synthesis.engine.chat.waiting import Patience
from synthesis.engine.participants.prompts import STOP, Prompt
from synthesis.engine.participants.wording import starter_wording
from synthesis.models import Episode, ModelEndpoint, Run
from synthesis.services.database import DatabaseThread
from tests.builders_runs import a_run, install
from tests.fakes.model_server.server import FakeProvider
from tests.fakes.stage import LocalStage

TWICE = Patience(tries=2)


def talk(body: dict[str, Any]) -> dict[str, Any]:
    """A user that asks and leaves, an agent that answers: told apart by their tools."""
    if body.get("tools"):
        return {"content": "That is done."}
    heard = sum(message["role"] == "user" for message in body["messages"]) > 1
    return {"content": f"Thanks.\n{STOP} 4 quick" if heard else "Hello, I need help."}


def endpoint(provider: FakeProvider, slug: str = "m", **fields: Any) -> ModelEndpoint:
    """An endpoint at the provider."""
    plain = {"base_url": provider.url, "model": "fake", "provider": "other", "purposes": ["user", "agent"], "price_prompt": 1_000_000}
    return ModelEndpoint.objects.create(slug=slug, **plain | fields)


def seated(episodes: int, **seats: str) -> Run:
    """A run with these seats, models though they be: the catalogue and one persona."""
    install()
    run = a_run(episodes, personas=[])
    run.seats = {**run.seats, **seats}
    run.save()
    for episode in Episode.objects.filter(run=run):
        episode.cast["seats"] = run.seats
        episode.save()
    return run


class Heard:
    """What became of one question: the class of the error, or "" for an answer, and the seconds it took."""

    def __init__(self, slug: str, error: ChatError | None, seconds: float) -> None:
        self.slug, self.seconds = slug, seconds
        cause = error.last if isinstance(error, GaveUp) else getattr(error, "cause", None) or error
        self.kind = type(cause).__name__ if cause else ""


class NotedModel:
    """A model whose answers are noted."""

    def __init__(self, model: ChatModel, slug: str, heard: list[Heard]) -> None:
        self.model, self.slug, self.heard = model, slug, heard

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        """See ``ChatModel``."""
        began = time.monotonic()
        try:
            reply = await self.model.reply(request, on_delta)
        except ChatError as error:
            self.heard.append(Heard(self.slug, error, time.monotonic() - began))
            raise
        self.heard.append(Heard(self.slug, None, time.monotonic() - began))
        return reply


class NotedRoom(ModelRoom):
    """A room whose answers are noted."""

    def __init__(self, database: DatabaseThread, run_id: int, patience: Patience, heard: list[Heard]) -> None:
        super().__init__(database, run_id, patience)
        self.heard = heard

    def model(self, slug: str, role: Role, episode: int = 0) -> ChatModel:
        """See ``ModelRoom``."""
        return NotedModel(super().model(slug, role, episode), slug, self.heard)


class ModelStage(LocalStage):
    """Seats of the run over worlds in this process; ``heard`` is what models answered."""

    def __init__(self, run: Run, patience: Patience = TWICE) -> None:
        super().__init__(run)
        self.run, self.patience = run, patience
        self.heard: list[Heard] = []
        self.seats: Any = RunSeats({pack.slug: pack for pack in self.packs.values()}, starter_wording(), prompt=Prompt("Say something."))

    def at_work(self, database: Any) -> Any:
        """The room."""
        self.seats.room = NotedRoom(database, self.run.pk, self.patience, self.heard)
        return self.seats.room
