"""From what an endpoint sent to an accepted reply, or the error that says what to do instead. Pure: no network, no clock.

A reply is accepted only if ``choices[0].message`` is there, the finish reason is known, tool names are offered ones, arguments parse as a
JSON object and fit the tool's schema, ids are unique and sizes are within bounds. Nothing is guessed: text that looks like a call, JSON
that a comma would mend, a result under another name are all refused.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs
import msgspec

from synthesis.engine.chat.errors import ChatError, Cut, Garbled, NoAccess, NoQuota, Overloaded, RateLimited, Refused, Unusable
from synthesis.engine.chat.model import ChatReply, ChatRequest, Usage
from synthesis.engine.chat.profiles import Profile
from synthesis.engine.chat.waiting import wait_asked
from synthesis.engine.tools import ToolCall
from synthesis.engine.world.values import validator_of

LARGEST_REPLY = 4 * 1024 * 1024
"""Bytes of one answer; more is cut off on the wire and refused."""
MOST_CALLS = 32
LONGEST_ID = 80
"""As long as the column of the log."""
WHOLE = frozenset({"stop", "tool_calls", "function_call", "end_turn", "tool_use", "stop_sequence", "eos"})
QUOTA_WORDS = ("insufficient_quota", "exceeded_current_quota", "billing", "credit balance", "insufficient balance")
TRY_AGAIN = frozenset({408, 409, 425})


class Answer(msgspec.Struct, frozen=True):
    """What came over the wire. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def read_answer(answer: Answer, request: ChatRequest, profile: Profile) -> ChatReply:
    """The reply in ``answer``, its usage without cost, time and tries. Raises a ChatError."""
    if answer.status != 200:
        raise failure_of(answer)
    return read_completion(document_of(answer), request, profile)


def document_of(answer: Answer) -> dict[str, Any]:
    """The object that came. Raises a ChatError where there is none, or where it is an error."""
    text = answer.body.strip()
    if not text:
        raise Cut("an empty answer")
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        if text[:1] == b"<":
            raise Garbled("an HTML page instead of JSON: is the base URL right?") from None
        # A document that only lacks its end was cut on the way; anything else never was one.
        cut = text[:1] in b"{[" and "truncated" in str(error)
        raise (Cut if cut else Garbled)(f"JSON that cannot be read: {error}") from None
    if not isinstance(document, dict):
        raise Garbled("JSON, but no object")
    if document.get("error"):
        raise error_of(document["error"], answer)
    return document


def read_completion(document: Mapping[str, Any], request: ChatRequest, profile: Profile) -> ChatReply:
    """The reply in a chat completion, however it was assembled. Raises a ChatError."""
    choices = document.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict) or not isinstance(choices[0].get("message"), dict):
        raise Garbled("no choices[0].message in the answer")
    message, finish = choices[0]["message"], choices[0].get("finish_reason")
    text = message.get("content")
    if text is not None and not isinstance(text, str):
        raise Garbled("the content of the message is no text")
    usage = usage_of(document, request, text or "")
    try:
        return _accepted(message, finish, text or "", request, profile, usage)
    except Unusable as problem:
        problem.usage = usage
        raise


def _accepted(message: Mapping[str, Any], finish: Any, text: str, request: ChatRequest, profile: Profile, usage: Usage) -> ChatReply:
    _check_finish(finish, profile, text)
    if message.get("refusal"):
        raise Refused("the model refused to answer")
    reasoning = next((message[name] for name in profile.reasoning if isinstance(message.get(name), str) and message[name]), None)
    calls = calls_of(message.get("tool_calls"), request)
    value = value_of(text, request) if request.answer and not calls else None
    if not calls and not text.strip():
        raise Unusable("The answer was empty. Write an answer or call a tool.")
    return ChatReply(text, calls, reasoning, value, finish or "stop", usage)


def _check_finish(finish: Any, profile: Profile, text: str) -> None:
    if finish is None and profile.null_finish:
        return
    if finish == "length":
        raise Unusable("The answer was longer than allowed and was cut. Answer more briefly.", text)
    if finish == "content_filter":
        raise Refused("the provider's filter withheld the answer")
    if finish is None:
        raise Cut("an answer without a finish reason")
    if finish not in WHOLE | profile.finish:
        raise Garbled(f"an unknown finish reason {str(finish)[:40]!r}")


def calls_of(given: Any, request: ChatRequest) -> list[ToolCall]:
    """The calls of a message. Raises Garbled for what is none, Unusable for calls the model can mend."""
    if given is None or given == []:
        return []
    if not isinstance(given, list) or not all(isinstance(call, dict) and isinstance(call.get("function"), dict) for call in given):
        raise Garbled("tool_calls that are no list of function calls")
    if len(given) > MOST_CALLS:
        raise Unusable(f"{len(given)} calls in one turn; at most {MOST_CALLS} are allowed.")
    calls = [_call_of(call, request) for call in given]
    if len({call.id for call in calls}) != len(calls):
        raise Garbled("two calls with one id")
    return calls


def _call_of(call: Mapping[str, Any], request: ChatRequest) -> ToolCall:
    function = call["function"]
    name, arguments, identity = function.get("name"), function.get("arguments"), call.get("id")
    if not isinstance(identity, str) or not 0 < len(identity) <= LONGEST_ID:
        raise Garbled("a call without a proper id")
    offered = {tool["function"]["name"]: tool["function"] for tool in request.tools}
    if name not in offered:
        tools = ", ".join(offered) or "none"
        raise Unusable(f"There is no tool {str(name)[:80]!r}. The tools are: {tools}.")
    if arguments in (None, ""):
        arguments = "{}"  # some endpoints send nothing for a call without arguments
    try:
        value = arguments if isinstance(arguments, dict) else msgspec.json.decode(arguments)
    except (msgspec.DecodeError, TypeError, RecursionError) as error:
        raise Unusable(f"The arguments of {name} are not JSON: {error}.", str(arguments)[:2000]) from None
    if not isinstance(value, dict):
        raise Unusable(f"The arguments of {name} must be a JSON object.", str(arguments)[:2000])
    if problem := misfit(offered[name].get("parameters") or {}, value):
        raise Unusable(f"The arguments of {name} do not fit its schema: {problem}.", str(arguments)[:2000])
    return ToolCall(identity, name, value)


def value_of(text: str, request: ChatRequest) -> dict[str, Any]:
    """The object that was asked for. A fence of Markdown around it is taken off, nothing else is mended. Raises Unusable."""
    assert request.answer is not None
    bare = text.strip()
    if bare.startswith("```") and bare.endswith("```"):
        bare = bare[3:-3].removeprefix("json").strip()
    try:
        value = msgspec.json.decode(bare)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unusable(f"The answer is not JSON: {error}. Answer with one JSON object and nothing else.", text[:2000]) from None
    if not isinstance(value, dict):
        raise Unusable("The answer must be one JSON object.", text[:2000])
    if problem := misfit(request.answer.schema, value):
        raise Unusable(f"The answer does not fit the schema: {problem}.", text[:2000])
    return value


def misfit(schema: Mapping[str, Any], value: Any) -> str:
    """Where ``value`` does not fit ``schema`` first, in words; "" where it fits."""
    error = next(_validator(msgspec.json.encode(schema, order="sorted")).iter_errors(value), None)
    if error is None:
        return ""
    place = ".".join(str(part) for part in error.instance_path)
    return f"{place}: {error.message}" if place else str(error.message)


@lru_cache(512)
def _validator(schema: bytes) -> Any:
    try:
        return validator_of(msgspec.json.decode(schema))
    except (jsonschema_rs.ValidationError, ValueError) as error:
        raise Refused(f"the schema of a tool or answer is itself wrong: {error}") from error


def usage_of(document: Mapping[str, Any], request: ChatRequest, text: str) -> Usage:
    """The tokens an answer took; counted from bytes, from above, where the endpoint does not say."""
    given = document.get("usage")
    model = str(document.get("model") or "")[:200]
    if not isinstance(given, dict) or not _whole(given.get("prompt_tokens")):
        asked = len(msgspec.json.encode([request.messages, request.tools])) // 3 + 1
        return Usage(model, asked, len(text.encode()) // 3 + 1, estimated=True)
    return Usage(
        model,
        _whole(given.get("prompt_tokens")),
        _whole(given.get("completion_tokens")),
        _whole((given.get("prompt_tokens_details") or {}).get("cached_tokens")),
        _whole((given.get("completion_tokens_details") or {}).get("reasoning_tokens")),
    )


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else 0


def failure_of(answer: Answer) -> ChatError:
    """What a status other than 200 means."""
    try:
        document = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError):
        document = None
    error = document.get("error", document) if isinstance(document, dict) else None
    return error_of(error, answer)


def error_of(error: Any, answer: Answer) -> ChatError:
    """What an error body means, by status and by its code; with status 200 an error body is Garbled unless its code says more."""
    code, words = _words_of(error)
    status, said = answer.status, f"status {answer.status}" + (f": {words}" if words else "")
    low = f"{code} {words}".lower()
    if status == 402 or any(word in low for word in QUOTA_WORDS):
        return NoQuota(said)
    if status in {401, 403}:
        return NoAccess(said)
    if status == 429 or "rate_limit" in code:
        return RateLimited(said, wait_asked(answer.headers))
    if status in TRY_AGAIN or status >= 500 or "overloaded" in code:
        return Overloaded(said, wait_asked(answer.headers))
    if status == 200:
        return Garbled(f"an error with status 200: {words or code}")
    return Refused(said)


def _words_of(error: Any) -> tuple[str, str]:
    """Code and words of an error in whatever shape it came; shortened, since it may repeat the whole prompt."""
    if isinstance(error, dict):
        code = " ".join(str(error.get(name) or "") for name in ("type", "code"))
        return code.strip().lower()[:100], str(error.get("message") or error.get("detail") or "")[:300]
    return "", str(error)[:300] if isinstance(error, str) else ""
