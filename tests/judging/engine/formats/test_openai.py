"""The openai format: loads with the openai package's own types, pairs calls with results, and holds what was said."""

from typing import Any

import jsonschema_rs
import msgspec
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from pydantic import TypeAdapter

from judging.engine.formats.canonical import conversation, exact_digest, normal_text, structural_digest
from judging.engine.formats.record import JudgementSheet, Record
from judging.engine.formats.registry import FORMATS
from judging.engine.formats.validity import Arguments, flaw_of
from synthesis.engine.episode.trajectory import read_trajectory
from synthesis.engine.packs.function_tools import plain_schema
from synthesis.engine.tools import ToolOutcome
from tests.judging.builders import MOVED, OWNER, PACK, SLOTS, VISITS, Talk, cast, found, good, good_ko, moved, scenario

MESSAGES = TypeAdapter(list[ChatCompletionMessageParam])
TOOLS = TypeAdapter(list[ChatCompletionToolParam])
SHEET = JudgementSheet("programmatic", "v", "starter", "r", 5.0, 1.0, [], {})


def record(talk: Talk, language: str = "en") -> Record:
    trajectory = read_trajectory(talk.events)
    return Record(0, 7, 1, scenario(), cast(language), trajectory, conversation(trajectory), "You are helpful.", PACK.tools, SHEET)


def row(talk: Talk, form: str = "openai") -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(next(FORMATS[form].lines(record(talk))))
    return decoded


@pytest.mark.parametrize("talk", [good(), good_ko()])
def test_loads_with_the_packages_own_types(talk: Talk) -> None:
    decoded = row(talk)
    MESSAGES.validate_python(decoded["messages"], strict=True)
    TOOLS.validate_python(decoded["tools"], strict=True)


def test_pairs_every_call_with_its_result_and_fits_the_schema() -> None:
    decoded = row(good())
    schemas = {t["function"]["name"]: t["function"]["parameters"] for t in decoded["tools"]}
    waiting: list[str] = []
    for message in decoded["messages"]:
        if message["role"] == "tool":
            assert message["tool_call_id"] == waiting.pop(0)
            continue
        assert not waiting
        for call in message.get("tool_calls", []):
            waiting.append(call["id"])
            assert jsonschema_rs.is_valid(schemas[call["function"]["name"]], msgspec.json.decode(call["function"]["arguments"]))
    assert not waiting


def test_holds_what_was_said_and_ends_with_the_assistant() -> None:
    decoded = row(good())
    roles = [m["role"] for m in decoded["messages"]]
    assert roles == ["system", "user", *["assistant", "tool"] * 3, "assistant", "user", "assistant", "tool", "assistant"]
    calls = [c for m in decoded["messages"] for c in m.get("tool_calls", [])]
    assert [c["id"] for c in calls] == ["call_0001", "call_0002", "call_0003", "call_0004"]
    assert msgspec.json.decode(calls[0]["function"]["arguments"]) == {"phone": "555-0123"}
    assert msgspec.json.decode(decoded["messages"][3]["content"]) == OWNER
    assert decoded["parallel_tool_calls"] is False


def test_parallel_calls_stay_together() -> None:
    talk = (
        Talk()
        .user("hi")
        .calls(("find_owner", {"phone": "1"}, ToolOutcome(OWNER)), ("find_slots", {"date": "2026-03-09"}, ToolOutcome(SLOTS)))
    )
    decoded = row(talk.agent("Found you."))
    assert decoded["parallel_tool_calls"] is True
    assert [m["role"] for m in decoded["messages"]] == ["system", "user", "assistant", "tool", "tool", "assistant"]


def test_an_error_is_shown_as_one() -> None:
    talk = Talk().user("hi").call("find_owner", error="not_found", phone="1").agent("I could not find you.")
    assert msgspec.json.decode(row(talk)["messages"][3]["content"]) == {"error": {"code": "not_found", "message": "It failed: not_found."}}


def test_our_keywords_go_but_properties_of_that_name_stay() -> None:
    schema = {
        "type": "object",
        "properties": {"ref": {"type": "string", "ref": "orders"}, "list": {"type": "array", "items": {"type": "string", "ref": "x"}}},
        "anyOf": [{"properties": {"a": {"ref": "t"}}}],
        "additionalProperties": False,
    }
    assert plain_schema(schema) == {
        "type": "object",
        "properties": {"ref": {"type": "string"}, "list": {"type": "array", "items": {"type": "string"}}},
        "anyOf": [{"properties": {"a": {}}}],
        "additionalProperties": False,
    }
    assert all('"ref"' not in str(tool) for tool in row(good())["tools"])


def test_trajectories_tell_where_a_row_comes_from_and_never_when() -> None:
    decoded = row(good(), "trajectories")
    assert {
        "domain",
        "release",
        "scenario",
        "variation",
        "persona",
        "agent",
        "seeds",
        "slips",
        "faults",
        "judgement",
        "final_digest",
    } <= set(decoded)
    assert decoded["slips"] is None
    assert decoded["calls"][3]["delta"][0]["key"] == "A-00012"
    assert decoded["calls"][3]["result"] == MOVED
    assert decoded["seeds"] == {"run": 7, "episode": 1}
    text = msgspec.json.encode(decoded).decode()
    assert "created" not in text
    assert [*FORMATS["trajectories"].lines(record(good()))] == [*FORMATS["trajectories"].lines(record(good()))]


def flaw(talk: Talk) -> str | None:
    return flaw_of(conversation(read_trajectory(talk.events)), PACK.tools, Arguments())


def test_a_good_conversation_is_valid() -> None:
    assert flaw(good()) is None
    assert flaw(good_ko()) is None


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (Talk(), "does not begin with the user"),
        (Talk().agent("Hello"), "does not begin with the user"),
        (Talk().user("Hello"), "the agent never speaks"),
        (Talk().user("Hello").user("Hello?").agent("Hi"), "user speaks where it is the turn of the assistant"),
        (Talk().user("Hello").agent("Hi").agent("Hi again"), "assistant speaks where it is the turn of the user"),
        (Talk().user("Hello").agent("  "), "an empty message"),
        (Talk().user("Hello").call("find_owner", result=OWNER).agent("Hi"), "arguments of find_owner do not fit"),
        (Talk().user("Hello").call("teleport", result=1).agent("Hi"), "teleport is not an offered tool"),
        (Talk().user("x" * 500_000).agent("Hi"), "more than 400000 characters"),
    ],
)
def test_what_is_wrong_with_a_conversation_is_named(talk: Talk, words: str) -> None:
    assert words in str(flaw(talk))


def test_a_missing_result_is_a_flaw() -> None:
    events = [e for e in good().events if not (e.kind == "tool_result" and e.call_id == "c1")]
    assert "call_0002 has no result" in str(flaw_of(conversation(read_trajectory(events)), PACK.tools, Arguments()))
    cut = good().events[:4]
    assert flaw_of(conversation(read_trajectory(cut[:3])), PACK.tools, Arguments()) == "call_0001 has no result"


def test_texts_are_normalised() -> None:
    assert normal_text("  cafe\u0301\u202e \t\nok\x07\u200b ") == "café\nok"


def digests(talk: Talk, variation: str = "plain", language: str = "en") -> tuple[str, str]:
    trajectory = read_trajectory(talk.events)
    return exact_digest(conversation(trajectory)), structural_digest(trajectory, variation, language)


def test_exact_and_structural_digests_tell_apart_what_they_should() -> None:
    again = (
        moved(found(Talk().user("Mochi to March 9 at half past ten. 555-0123.")).agent("I'll move it. Shall I?").user("Yes."))
        .agent("Done.")
        .end()
    )
    assert digests(good()) == digests(good())
    assert digests(good())[0] != digests(again)[0]
    assert digests(good())[1] == digests(again)[1]
    assert len({digests(good())[1], digests(good(), "gradual")[1], digests(good(), language="ko")[1]}) == 3
    other = found(Talk().user("x")).call("list_visits", result=VISITS, owner_id="O-0008").end()
    assert digests(other)[1] != digests(found(Talk().user("x")).end())[1]


def test_bounds_and_pairing_of_what_no_log_should_hold() -> None:
    good_ones = conversation(read_trajectory(good().events))
    assert "more than 400 messages" in str(flaw_of(good_ones * 40, PACK.tools, Arguments()))
    twice = [*good_ones[:-1], *good_ones]
    assert "used twice" in str(flaw_of(twice, PACK.tools, Arguments()))
    stray = [good_ones[0], good_ones[2], good_ones[1]]
    assert "a result without its call" in str(flaw_of(stray, PACK.tools, Arguments()))


def test_structure_forgives_case_spacing_and_absent_nulls() -> None:
    def shape(**arguments: Any) -> str:
        return digests(Talk().user("hi").call("t", result=1, **arguments).end())[1]

    assert shape(a="Ann  Lee", n=1, x=None, many=["B"]) == shape(a="ann lee", n=1.0, many=["b"])
    assert shape(a="Ann") != shape(a="Anne")
    assert shape(n=1) != shape(n=True)
