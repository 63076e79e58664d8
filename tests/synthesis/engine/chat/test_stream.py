"""Streams, put together again."""

import json
from typing import Any

import pytest

from synthesis.engine.chat.errors import Cut, Garbled
from synthesis.engine.chat.stream import Assembler


def fed(*chunks: Any) -> tuple[Assembler, list[str]]:
    assembler = Assembler()
    said = [assembler.take(chunk if isinstance(chunk, bytes) else b"data: " + json.dumps(chunk).encode()) for chunk in chunks]
    return assembler, said


def delta(finish: str | None = None, **parts: Any) -> dict[str, Any]:
    return {"model": "m", "choices": [{"index": 0, "delta": parts, "finish_reason": finish}]}


def test_text_calls_reasoning_and_usage() -> None:
    first = {"index": 0, "id": "a", "function": {"name": "look", "arguments": ""}}
    second = {"index": 1, "id": "b", "function": {"name": "go", "arguments": "{}"}}
    assembler, said = fed(
        b": a comment",
        b"event: message",
        delta(role="assistant"),
        delta(reasoning_content="Hm"),
        delta(reasoning_content="m."),
        delta(content="Good "),
        delta(content="day."),
        delta(tool_calls=[first]),
        delta(tool_calls=[{"index": 0, "function": {"arguments": '{"k":'}}]),
        delta(tool_calls=[second, {"index": 0, "function": {"arguments": "1}"}}]),
        delta("tool_calls"),
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}},
        b"data: [DONE]",
    )
    assert "".join(said) == "Good day."
    assert assembler.done
    whole = assembler.completion()
    message = whole["choices"][0]["message"]
    assert message["content"] == "Good day."
    assert message["reasoning_content"] == "Hmm."
    assert [(call["id"], call["function"]) for call in message["tool_calls"]] == [
        ("a", {"name": "look", "arguments": '{"k":1}'}),
        ("b", {"name": "go", "arguments": "{}"}),
    ]
    assert (whole["model"], whole["usage"]["prompt_tokens"], whole["choices"][0]["finish_reason"]) == ("m", 3, "tool_calls")


def test_calls_without_index_are_calls_of_their_own() -> None:
    calls = [{"id": name, "function": {"name": name, "arguments": "{}"}} for name in ("a", "b")]
    assembler, _said = fed(delta(tool_calls=[calls[0]]), delta("tool_calls", tool_calls=[calls[1]]))
    assert [call["id"] for call in assembler.completion()["choices"][0]["message"]["tool_calls"]] == ["a", "b"]


def test_a_stream_that_stops_is_cut_and_an_error_in_it_is_kept() -> None:
    assembler, _said = fed(delta(content="Good"))
    with pytest.raises(Cut):
        assembler.completion()
    assembler, _said = fed(delta(content="Good"), {"error": {"message": "overloaded"}})
    assert assembler.completion() == {"error": {"message": "overloaded"}}


@pytest.mark.parametrize(("chunk", "kind"), [(b'data: {"choices":[{"del', Cut), (b"data: [1]", Garbled), (delta(tool_calls=[7]), Garbled)])
def test_broken_chunks(chunk: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        fed(chunk)
