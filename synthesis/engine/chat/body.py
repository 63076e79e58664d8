"""The body of a request, as one kind of endpoint takes it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from synthesis.engine.chat.model import ChatRequest
from synthesis.engine.chat.profiles import Profile

FORM = "Answer with one JSON object and nothing else. It must fit this JSON Schema:\n"


def body_of(request: ChatRequest, model: str, profile: Profile, parameters: Mapping[str, Any], *, stream: bool) -> dict[str, Any]:
    """The JSON body. ``parameters`` are the endpoint's own; what the request and the profile say stands above them."""
    body: dict[str, Any] = {**parameters, "model": model, "messages": messages_of(request, profile), profile.limit: request.max_tokens}
    temperature = request.temperature if request.temperature is not None else parameters.get("temperature")
    if temperature is not None:
        low, high = profile.temperature
        body["temperature"] = min(max(temperature, low), high)
    if request.tools:
        body["tools"] = request.tools
        if profile.parallel:
            body["parallel_tool_calls"] = request.parallel
    if request.answer and profile.schema == "json_schema":
        form = {"name": request.answer.name, "schema": request.answer.schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    elif request.answer and profile.schema == "json_object":
        body["response_format"] = {"type": "json_object"}
    if stream:
        body["stream"] = True
        if profile.stream_usage:
            body["stream_options"] = {"include_usage": True}
    return body


def headers_of(request: ChatRequest, profile: Profile) -> dict[str, str]:
    """Headers beside the body: none, but for the fake provider, which plays from the scenario of the episode."""
    return {"X-Studio-Episode": str(request.episode), "X-Studio-Role": request.role} if profile.told else {}


def messages_of(request: ChatRequest, profile: Profile) -> list[dict[str, Any]]:
    """The messages; where the endpoint cannot be bound to a form by a parameter, the form is said in words."""
    if not request.answer or profile.schema == "json_schema":
        return request.messages
    words = FORM + msgspec.json.encode(request.answer.schema).decode()
    first, rest = request.messages[:1], request.messages[1:]
    if first and first[0].get("role") == "system":
        return [{**first[0], "content": f"{first[0]['content']}\n\n{words}"}, *rest]
    return [{"role": "system", "content": words}, *request.messages]


def tokens_guess(sent: bytes) -> int:
    """Tokens an encoded body will take, from above: for limits and budgets before anything is counted. A token is seldom under three
    bytes.
    """
    return len(sent) // 3 + 1
