"""Chat models that answer as simulators, told by the test what to say."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from synthesis.engine.chat.errors import ChatError, Unusable
from synthesis.engine.chat.model import ChatReply, ChatRequest, OnDelta, Usage

Say = Callable[[dict[str, Any]], Any]


class ScriptedModel:
    """Answers one thing after the other: a value, a function of the document that was asked, or an error to raise."""

    def __init__(self, *said: Any) -> None:
        self.said = list(said)
        self.requests: list[ChatRequest] = []

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        self.requests.append(request)
        value = self.said.pop(0)
        if isinstance(value, ChatError):
            raise value
        if callable(value):
            value = value(asked(request))
        text = msgspec.json.encode(value).decode()
        return ChatReply(text, value=value, usage=Usage("small", 100, 20, cost=7))


def asked(request: ChatRequest) -> dict[str, Any]:
    """The document of the question."""
    document: dict[str, Any] = msgspec.json.decode(request.messages[1]["content"])
    return document


def found(document: dict[str, Any]) -> dict[str, Any]:
    """What a faithful search answers: the manuals whose number is asked for."""
    query = document["call"]["arguments"]["query"]
    rows = [row for row in document["tables"]["manuals"]["rows"] if row["manual_id"] == query]
    if not rows:
        return {"error": {"code": "nothing_found", "message": "No manual."}, "notes": []}
    return {"result": [{name: row[name] for name in ("manual_id", "minutes", "summary")} for row in rows], "notes": ["Searched."]}


def noted(document: dict[str, Any]) -> dict[str, Any]:
    """A note left on a loan."""
    arguments = document["call"]["arguments"]
    change = {"table": "loans", "key": arguments["loan_id"], "set": {"note": arguments["text"]}}
    return {"result": {"loan_id": arguments["loan_id"]}, "delta": {"update": [change]}, "notes": []}


def unusable(problem: str = "The answer is not JSON.") -> Unusable:
    """An answer that the client refused."""
    return Unusable(problem, "{")


def values(records: Sequence[Any]) -> list[Any]:
    """Results of records."""
    return [record.outcome.result for record in records]
