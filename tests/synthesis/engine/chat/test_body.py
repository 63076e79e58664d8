"""What goes out, and what it costs."""

from typing import Any

import msgspec
import pytest

from synthesis.engine.chat.body import body_of, tokens_guess
from synthesis.engine.chat.model import ChatRequest, ReplySchema, Usage
from synthesis.engine.chat.prices import Price
from synthesis.engine.chat.profiles import PROFILES

SCHEMA = {"type": "object", "properties": {"score": {"type": "integer"}}}
TOOLS = [{"type": "function", "function": {"name": "look_up", "parameters": {}}}]
ASKED = [{"role": "system", "content": "Judge."}, {"role": "user", "content": "This."}]


def body(request: ChatRequest, provider: str, stream: bool = False, **parameters: Any) -> dict[str, Any]:
    return body_of(request, "m-1", PROFILES[provider], parameters, stream=stream)


def test_tools_limits_and_temperature() -> None:
    sent = body(ChatRequest("agent", ASKED, TOOLS, parallel=False, max_tokens=99), "openai", temperature=1.7, top_p=0.9)
    assert (sent["model"], sent["max_completion_tokens"], sent["temperature"], sent["top_p"]) == ("m-1", 99, 1.7, 0.9)
    assert (sent["tools"], sent["parallel_tool_calls"]) == (TOOLS, False)
    assert "stream" not in sent
    sent = body(ChatRequest("agent", ASKED, TOOLS, temperature=1.7), "anthropic")
    assert (sent["temperature"], "max_tokens" in sent) == (1.0, True)
    assert "temperature" not in body(ChatRequest("agent", ASKED), "vllm")
    assert "parallel_tool_calls" not in body(ChatRequest("agent", ASKED, TOOLS), "ollama")


def test_streams_count_their_tokens_where_they_can() -> None:
    assert body(ChatRequest("agent", ASKED), "openai", stream=True)["stream_options"] == {"include_usage": True}
    assert "stream_options" not in body(ChatRequest("agent", ASKED), "other", stream=True)


@pytest.mark.parametrize(("provider", "kind"), [("openai", "json_schema"), ("moonshot", "json_object"), ("anthropic", None)])
def test_a_form_is_asked_for_in_the_strongest_way_there_is(provider: str, kind: str | None) -> None:
    sent = body(ChatRequest("judge", ASKED, answer=ReplySchema("grade", SCHEMA)), provider)
    assert (sent.get("response_format") or {}).get("type") == kind
    said = '"score"' in sent["messages"][0]["content"]
    assert said == (kind != "json_schema")
    assert ASKED[0]["content"] == "Judge.", "the request is left as it was"


def test_the_form_gets_a_system_message_where_there_is_none() -> None:
    sent = body(ChatRequest("judge", ASKED[1:], answer=ReplySchema("grade", SCHEMA)), "other")
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]


def test_the_guess_is_from_above() -> None:
    words = "every word of this is one token or so " * 100
    assert tokens_guess(msgspec.json.encode(body(ChatRequest("agent", [{"role": "user", "content": words}]), "openai"))) >= 900


def test_cost_is_rounded_up_and_cached_tokens_have_their_price() -> None:
    price = Price(prompt=2_000_000, completion=8_000_000, cached=500_000)
    assert price.of(Usage(prompt_tokens=1000, completion_tokens=100, cached_tokens=400)) == 600 * 2 + 400 // 2 + 800
    assert Price(prompt=1).of(Usage(prompt_tokens=1)) == 1
    assert Price(prompt=10).of(Usage(prompt_tokens=10**6, cached_tokens=10**6)) == 10
    assert Price().of(Usage(prompt_tokens=10**6)) == 0
