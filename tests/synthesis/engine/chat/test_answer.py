"""What counts as an answer, and what each failure is taken for."""

import json
from typing import Any

import pytest

from synthesis.engine.chat import errors
from synthesis.engine.chat.answer import MOST_CALLS, Answer, read_answer
from synthesis.engine.chat.model import ChatReply, ChatRequest, ReplySchema
from synthesis.engine.chat.profiles import PROFILES

SCHEMA = {"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"], "additionalProperties": False}
TOOLS = [{"type": "function", "function": {"name": name, "description": "", "parameters": SCHEMA}} for name in ("look_up", "remove")]
REQUEST = ChatRequest("agent", [{"role": "user", "content": "Hello."}], TOOLS)
GRADE = {"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"]}
GRADED = ChatRequest("judge", [{"role": "user", "content": "Grade."}], answer=ReplySchema("grade", GRADE))


def call(name: str = "look_up", arguments: Any = '{"key": "A-1"}', identity: Any = "call_1") -> dict[str, Any]:
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


def completion(finish: Any = "stop", **message: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": 12, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 8}}
    return {"model": "m-1", "choices": [{"message": {"role": "assistant", **message}, "finish_reason": finish}], "usage": usage}


def read(document: Any, request: ChatRequest = REQUEST, status: int = 200, provider: str = "openai", **headers: str) -> ChatReply:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_answer(Answer(status, named, body), request, PROFILES[provider])


def test_text_calls_reasoning_and_usage_are_taken_as_they_came() -> None:
    reply = read(completion("tool_calls", content="One moment.", reasoning_content="Which key?", tool_calls=[call()]))
    assert (reply.text, reply.reasoning, reply.finish) == ("One moment.", "Which key?", "tool_calls")
    assert [(made.id, made.name, made.arguments) for made in reply.calls] == [("call_1", "look_up", {"key": "A-1"})]
    assert (reply.usage.model, reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.cached_tokens) == ("m-1", 12, 3, 8)
    assert not reply.usage.estimated


def test_tokens_are_estimated_from_above_where_the_endpoint_does_not_count() -> None:
    document = completion(content="word " * 30)
    document["usage"] = None
    usage = read(document).usage
    assert usage.estimated
    assert usage.completion_tokens >= 30


@pytest.mark.parametrize("usage", [{"prompt_tokens": -5, "completion_tokens": 1}, {"prompt_tokens": "many"}, {"prompt_tokens": True}, []])
def test_usage_that_makes_no_sense_is_not_believed(usage: Any) -> None:
    document = completion(content="Hello.")
    document["usage"] = usage
    assert read(document).usage.estimated


def test_an_answer_without_finish_reason_is_whole_only_where_that_is_known() -> None:
    with pytest.raises(errors.Cut):
        read(completion(None, content="Hello."))
    assert read(completion(None, content="Hello."), provider="ollama").text == "Hello."


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (b"", errors.Cut),
        (b'{"choices": [{"mess', errors.Cut),
        (b"<html><body>Bad gateway</body></html>", errors.Garbled),
        (b"not json", errors.Garbled),
        (b"[1]", errors.Garbled),
        (b"[" * 100_000, errors.Garbled),
        ({"choices": None}, errors.Garbled),
        ({"choices": []}, errors.Garbled),
        ({"choices": [{"finish_reason": "stop"}]}, errors.Garbled),
        ({"choices": ["x"]}, errors.Garbled),
        (completion(content=[{"type": "text", "text": "parts"}]), errors.Garbled),
        (completion("something_new", content="Hello."), errors.Garbled),
        (completion("length", content="Hello, I"), errors.Unusable),
        (completion("content_filter", content=""), errors.Refused),
        (completion(content=None, refusal="I cannot."), errors.Refused),
        (completion(content="  \n"), errors.Unusable),
        (completion(content=None), errors.Unusable),
        (completion(tool_calls="x"), errors.Garbled),
        (completion(tool_calls=[{"id": "a"}]), errors.Garbled),
        (completion(tool_calls=[call(identity=None)]), errors.Garbled),
        (completion(tool_calls=[call(identity="x" * 200)]), errors.Garbled),
        (completion(tool_calls=[call(), call()]), errors.Garbled),
        (completion(tool_calls=[call(identity=str(n)) for n in range(MOST_CALLS + 1)]), errors.Unusable),
        (completion(tool_calls=[call(name="lookup")]), errors.Unusable),
        (completion(tool_calls=[call(arguments='{"key": "A-1"')]), errors.Unusable),
        (completion(tool_calls=[call(arguments="[1]")]), errors.Unusable),
        (completion(tool_calls=[call(arguments='{"key": 1}')]), errors.Unusable),
        (completion(tool_calls=[call(arguments='{"key": "A", "kay": "B"}')]), errors.Unusable),
        (completion(tool_calls=[call(arguments="")]), errors.Unusable),
        (completion(tool_calls=[call(arguments=7)]), errors.Unusable),
        ({"error": {"message": "upstream"}}, errors.Garbled),
        ({"error": "overloaded"}, errors.Garbled),
        ({"error": {"type": "insufficient_quota", "message": "Pay."}}, errors.NoQuota),
        ({"error": {"code": "rate_limit_exceeded", "message": "Slow."}}, errors.RateLimited),
        ({"error": {"type": "overloaded_error"}}, errors.Overloaded),
    ],
)
def test_what_is_no_good_answer_is_none(document: Any, kind: type[errors.ChatError]) -> None:
    with pytest.raises(errors.ChatError) as caught:
        read(document)
    assert type(caught.value) is kind


def test_arguments_may_come_as_an_object_and_may_be_left_out_where_none_are_needed() -> None:
    assert read(completion(tool_calls=[call(arguments={"key": "A"})])).calls[0].arguments == {"key": "A"}
    bare = ChatRequest("agent", [], [{"type": "function", "function": {"name": "look_up"}}])
    assert read(completion(tool_calls=[call(arguments=None)]), bare).calls[0].arguments == {}


def test_a_problem_says_what_the_model_can_do_and_what_it_took() -> None:
    with pytest.raises(errors.Unusable, match=r"no tool 'lookup'. The tools are: look_up, remove") as caught:
        read(completion(tool_calls=[call(name="lookup")]))
    assert caught.value.usage.prompt_tokens == 12


def test_a_wrong_schema_is_the_question_s_fault() -> None:
    broken = ChatRequest("agent", [], [{"type": "function", "function": {"name": "look_up", "parameters": {"type": "nonsense"}}}])
    with pytest.raises(errors.Refused, match="schema"):
        read(completion(tool_calls=[call()]), broken)


@pytest.mark.parametrize("text", ['{"score": 4}', '```json\n{"score": 4}\n```', '```\n{"score": 4}```', '  {"score": 4}\n'])
def test_an_object_is_read_where_one_was_asked_for(text: str) -> None:
    assert read(completion(content=text), GRADED).value == {"score": 4}


@pytest.mark.parametrize("text", ["4 of 5", "[4]", '{"score": "four"}', "{}", 'Sure: {"score": 4}', '{"score": 4,}'])
def test_what_only_looks_like_it_is_not_mended(text: str) -> None:
    with pytest.raises(errors.Unusable):
        read(completion(content=text), GRADED)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": {"message": "bad"}}, errors.Refused),
        (404, b"not here", errors.Refused),
        (422, {"detail": "bad field"}, errors.Refused),
        (401, {"error": {"message": "key"}}, errors.NoAccess),
        (403, b"<html>", errors.NoAccess),
        (402, {}, errors.NoQuota),
        (429, {"error": {"code": "insufficient_quota", "message": "Pay first."}}, errors.NoQuota),
        (429, {"error": {"type": "exceeded_current_quota_error"}}, errors.NoQuota),
        (429, {}, errors.RateLimited),
        (408, {}, errors.Overloaded),
        (409, {}, errors.Overloaded),
        (425, {}, errors.Overloaded),
        (500, b"", errors.Overloaded),
        (503, b"<html>busy</html>", errors.Overloaded),
        (529, {"error": "overloaded"}, errors.Overloaded),
        (301, b"", errors.Refused),
    ],
)
def test_each_status_has_its_class(status: int, body: Any, kind: type[errors.ChatError]) -> None:
    with pytest.raises(errors.ChatError) as caught:
        read(body, status=status)
    assert type(caught.value) is kind
    assert len(str(caught.value)) < 400


def test_the_wait_that_was_asked_for_is_kept() -> None:
    with pytest.raises(errors.RateLimited) as caught:
        read({}, status=429, retry_after="7")
    assert caught.value.wait == 7.0
