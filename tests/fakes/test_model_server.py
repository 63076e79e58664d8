"""The fake provider at its own door: what it makes of headers, options and forms."""

import json
from typing import Any

import pytest

from synthesis.engine.participants.prompts import STOP
from tests.fakes.model_server.faults import FAULTS
from tests.fakes.model_server.prepared import key_of
from tests.fakes.model_server.question import own_turns, question_of, ways_of
from tests.fakes.model_server.server import struck
from tests.fakes.model_server.voices import answer

PARAMETERS = {"type": "object", "properties": {"key": {"type": "string"}}}
TOOL: dict[str, Any] = {"type": "function", "function": {"name": "lookup", "parameters": PARAMETERS}}


def body(*messages: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"model": "fake", "messages": [{"role": role, "content": text} for role, text in messages], **more}


def test_options_in_the_name_count_above_those_of_the_command_line() -> None:
    assert ways_of("fake:latency=200, fault=html,reasoning", {"latency": "5", "noise": "0.1"}) == {
        "latency": "200",
        "fault": "html",
        "reasoning": "1",
        "noise": "0.1",
    }
    assert ways_of("fake") == {}


@pytest.mark.parametrize(
    ("asked", "headers", "role"),
    [
        (body(("user", "Hi."), tools=[TOOL]), {}, "agent"),
        (body(("system", f"End with {STOP}."), ("user", "Begin.")), {}, "user"),
        (body(("user", "Grade."), response_format={"type": "json_schema", "json_schema": {"schema": {"quote": {}}}}), {}, "judge"),
        (body(("user", "Draft."), response_format={"type": "json_object"}), {}, "author"),
        (body(("user", "Hi.")), {"x-studio-role": "tool", "x-studio-episode": "12"}, "tool"),
        (body(("user", "Hi.")), {"x-studio-role": "emperor", "x-studio-episode": "x"}, "agent"),
    ],
)
def test_the_role_is_told_or_guessed(asked: dict[str, Any], headers: dict[str, str], role: str) -> None:
    question = question_of(asked, headers)
    assert question.role == role
    assert question.episode == int(headers.get("x-studio-episode", "0").replace("x", "0"))


@pytest.mark.parametrize("role", ["agent", "user", "tool", "judge", "author"])
def test_every_role_answers_although_nobody_knows_the_scenario(role: str) -> None:
    form = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    response_format = {"type": "json_schema", "json_schema": {"name": "x", "schema": form}}
    asked = body(("user", "Go on."))
    if role not in {"agent", "user"}:
        asked["response_format"] = response_format
    said = answer(question_of(asked, {"x-studio-role": role}), None)
    assert said["content"]
    if role not in {"agent", "user"}:
        assert set(json.loads(said["content"])) == {"name"}


def test_a_stranger_calls_the_tools_that_are_named() -> None:
    other = {"type": "function", "function": {**TOOL["function"], "name": "erase"}}
    asked = body(("user", "Use lookup and erase."), tools=[TOOL, other], parallel_tool_calls=True)
    assert [call["function"]["name"] for call in answer(question_of(asked, {}), None)["tool_calls"]] == ["lookup", "erase"]
    assert len(answer(question_of({**asked, "parallel_tool_calls": False}, {}), None)["tool_calls"]) == 1
    assert "tool_calls" not in answer(question_of({**asked, "tool_choice": "none"}, {}), None)


def test_what_was_said_about_bad_answers_is_no_part_of_the_conversation() -> None:
    messages = body(("user", "Hi."), ("assistant", "bad"), ("user", "[This message is not from the user] Bad."), ("user", "Well?"))[
        "messages"
    ]
    assert [message["content"] for message in own_turns(messages)] == ["Hi.", "Well?"]


def test_prepared_answers_are_found_by_model_role_episode_and_messages() -> None:
    def key(asked: dict[str, Any], **headers: str) -> str:
        return key_of({f"x-studio-{name}": value for name, value in headers.items()}, json.dumps(asked, separators=(",", ":")).encode())

    one = key(body(("user", 'He said "role": user.')), role="user", episode="3")
    assert one == "fake|user|3|1"
    assert key(body(("user", "a"), ("assistant", "b")), role="user", episode="3") == "fake|user|3|2"


def test_a_share_of_the_requests_is_struck_and_a_second_try_may_succeed() -> None:
    ways = {"fault": "500", "faults": "0.3"}
    hits = [struck(ways, b"body", number) for number in range(1000)]
    assert 200 < sum(hits) < 400
    assert [struck({"fault": "500", "times": "2"}, b"", number) for number in (1, 2, 3)] == [True, True, False]
    assert not struck({}, b"", 1)
    assert len(FAULTS) == 14
