"""Model-backed seats in whole episodes. The model is a scripted seat behind the port that gets only what a model would get."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from synthesis.adapters.starter_files import prompt
from synthesis.engine.chat.answer import read_completion
from synthesis.engine.chat.errors import Unusable
from synthesis.engine.chat.model import ChatReply, ChatRequest, OnDelta
from synthesis.engine.chat.profiles import PROFILES
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import Outcome, play
from synthesis.engine.episode.ports import Limits
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from synthesis.engine.participants.cast import Cast
from synthesis.engine.participants.model_agent import ModelAgent
from synthesis.engine.participants.model_user import ModelUser, read_end
from synthesis.engine.participants.prompts import STOP, Prompt, user_prompt
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.scenario import VARIATIONS, Scenario
from tests.builders_participants import cast
from tests.fakes.model_server.server import completion_of
from tests.fakes.model_server.voices import agent_says, user_says
from tests.packs import tool_shed
from tests.worlds import local_worlds, scenario

PACKS = {tool_shed().slug: tool_shed()}
PLAYABLE = [variation for variation in VARIATIONS if variation != "similar_tools"]


class Voice:
    """A model that says what a scripted seat would, through the same door as every answer."""

    def __init__(self, says: Callable[[list[dict[str, Any]]], dict[str, Any]]) -> None:
        self.says, self.requests = says, list[ChatRequest]()

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        self.requests.append(request)
        message = await asyncio.to_thread(self.says, request.messages)
        return read_completion(completion_of({"messages": request.messages}, message, 1), request, PROFILES["openai"])


class MemoryLog:
    def __init__(self, past: Sequence[Event] = ()) -> None:
        self.events = list(past)

    async def append(self, events: Sequence[Event]) -> None:
        self.events += events


def agent_voice(task: Scenario, who: Cast) -> Voice:
    return Voice(lambda messages: agent_says(messages, ScriptedAgent(task, who, PACKS, starter_wording(), 5)))


def user_voice(task: Scenario, who: Cast) -> Voice:
    return Voice(lambda messages: user_says(messages, ScriptedUser(task, who, PACKS, starter_wording(), 5)))


async def played(task: Scenario, who: Cast, past: Sequence[Event] = ()) -> tuple[list[Event], Outcome]:
    environment = await local_worlds().open(task, call_records(read_trajectory(past)) if past else ())
    log = MemoryLog(past)
    outcome = await play(
        user=ModelUser(task, who, PACKS, user_voice(task, who), prompt("user")),
        agent=ModelAgent(task, who, PACKS, agent_voice(task, who)),
        environment=environment,
        log=log,
        limits=Limits(wall_seconds=0),
        clock=lambda: 0.0,
        opening={"digest": environment.digest, "domain": task.domain, "variation": task.variation},
        past=past,
    )
    return log.events, outcome


@pytest.mark.parametrize("variation", PLAYABLE)
@pytest.mark.parametrize("seed", [1, 3])
def test_a_competent_model_does_what_was_asked(variation: str, seed: int) -> None:
    task, who = scenario(variation, seed), cast(seed)
    events, outcome = asyncio.run(played(task, who))
    assert outcome.reason == "user_done"
    assert read_trajectory(events).problems == []
    verified = asyncio.run(local_worlds().verify(task, call_records(read_trajectory(events))))
    assert verified.matches, verified.differences
    spoken = [event.payload for event in events if event.kind == "message"]
    assert all(message["usage"]["prompt_tokens"] > 0 and message["usage"]["prompt"] for message in spoken)


def test_it_goes_on_from_its_log() -> None:
    task, who = scenario("gradual", 2), cast(2)
    whole, outcome = asyncio.run(played(task, who))
    for cut in range(1, len(whole)):
        again, other = asyncio.run(played(task, who, whole[:cut]))
        assert [event.payload.get("text") for event in again] == [event.payload.get("text") for event in whole]
        assert other.digest == outcome.digest


class Lines:
    """A model that says one line after the other."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.messages, self.requests = list(messages), list[ChatRequest]()

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        self.requests.append(request)
        return read_completion(completion_of({"messages": request.messages}, self.messages.pop(0), 1), request, PROFILES["openai"])


def calling(name: str, arguments: str, identity: str = "call_1") -> dict[str, Any]:
    return {"tool_calls": [{"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}]}


def event(seq: int, kind: Any, **payload: Any) -> Event:
    return Event(seq, kind, 1, "", payload, payload.get("call_id"))


def test_an_answer_that_cannot_be_used_is_shown_to_the_model_once() -> None:
    task, who = scenario("plain", 1), cast(0)
    model = Lines(calling("no_such_tool", "{}"), {"content": "May I have your name?"})
    agent = ModelAgent(task, who, PACKS, model)
    agent.observe(event(1, "message", role="user", text="Hello."))
    move = asyncio.run(agent.act())
    assert move.text == "May I have your name?"
    assert move.repaired is not None
    assert "no_such_tool" in move.repaired
    assert "no_such_tool" in model.requests[1].messages[-1]["content"]
    assert move.usage is not None
    assert move.usage["attempts"] == 2
    assert len(agent.messages) == 2, "the repair is no part of the conversation"


def test_a_second_bad_answer_is_the_end() -> None:
    task, who = scenario("plain", 1), cast(0)
    agent = ModelAgent(task, who, PACKS, Lines(calling("nothing", "{}"), calling("nothing", "{}")))
    with pytest.raises(Unusable):
        asyncio.run(agent.act())


def test_ids_that_come_again_are_made_new() -> None:
    task, who = scenario("plain", 1), cast(0)
    step = task.wishes[0].steps[0]
    call = calling(step.tool, msgspec.json.encode(step.args).decode())
    agent = ModelAgent(task, who, PACKS, Lines(call, call))
    first = asyncio.run(agent.act())
    agent.observe(event(2, "message", role="agent", text="", tool_calls=[msgspec.to_builtins(made) for made in first.calls]))
    agent.observe(event(3, "tool_result", call_id="call_1", result=[1], delta=[], digest="x"))
    second = asyncio.run(agent.act())
    assert first.calls[0].id == "call_1"
    assert second.calls[0].id != "call_1"
    assert agent.messages[-1] == {"role": "tool", "tool_call_id": "call_1", "content": "[1]"}


def withheld_case() -> tuple[Scenario, Cast, str, str]:
    """A scenario with a fact held back, its key, and a message that gives it away."""
    for seed in range(1, 9):
        task = scenario("gradual", seed)
        for fact in task.wishes[0].facts:
            if fact.key in task.wishes[0].withheld and fact.kind == "id":
                return task, cast(0), fact.key, f"Hello, it is about {fact.value}."
    raise AssertionError("the tool shed holds nothing back")


def test_a_user_that_gives_away_what_nobody_asked_for_says_it_again() -> None:
    task, who, key, early = withheld_case()
    model = Lines({"content": early}, {"content": "Hello, I need some help."})
    move = asyncio.run(ModelUser(task, who, PACKS, model, prompt("user")).act())
    assert move.text == "Hello, I need some help."
    assert move.repaired is not None
    assert key in move.repaired


@pytest.mark.parametrize(
    "bad", [{"content": f"{STOP} 5"}, {"content": f"Bye.\n{STOP} 5 fine"}, {"content": "x" * 5000}, {"content": STOP}], ids=str
)
def test_a_user_does_not_leave_before_anybody_spoke(bad: dict[str, Any]) -> None:
    task, who = scenario("plain", 1), cast(0)
    move = asyncio.run(ModelUser(task, who, PACKS, Lines(bad, {"content": "Hello."}), prompt("user")).act())
    assert (move.text, move.done) == ("Hello.", False)
    assert move.repaired


@pytest.mark.parametrize(
    ("text", "said", "feedback"),
    [
        ("Thanks, bye.", "Thanks, bye.", None),
        (f"Bye.\n{STOP} 5 quick and kind", "Bye.", {"satisfied": True, "rating": 5, "words": "quick and kind"}),
        (f"Bye. {STOP}: 2 - no use", "Bye.", {"satisfied": False, "rating": 2, "words": "no use"}),
        (f"Bye.{STOP}", "Bye.", {"satisfied": False, "rating": 3, "words": ""}),
        (f"Bye.{STOP} 55", "Bye.", {"satisfied": False, "rating": 3, "words": "55"}),
    ],
)
def test_how_a_user_leaves(text: str, said: str, feedback: Any) -> None:
    assert read_end(text) == (said, feedback)


@pytest.mark.parametrize("variation", PLAYABLE)
def test_the_prompt_of_a_user_tells_the_script_and_leaves_no_hole(variation: str) -> None:
    for seed in (0, 3):
        task, who = scenario(variation, seed + 1), cast(seed)
        text = user_prompt(prompt("user"), task, who)
        assert "{" not in text.replace(STOP, "")
        for wish in task.wishes:
            assert wish.wants[who.persona.language] in text
    assert Prompt("a").digest != Prompt("b").digest
