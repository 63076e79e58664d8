"""The agent: the scripted one, over the messages it gets. Of ``slips=0.2`` a fifth of its episodes have a slip; it is drawn from the
episode and ``seed``, so that endpoints with other seeds slip elsewhere. ``reasoning=1`` thinks apart from the text.
"""

from collections.abc import Sequence

import msgspec

from synthesis.engine.episode.seats import Agent
from synthesis.engine.participants.cast import SLIPS
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.randomness import rng_for
from synthesis.engine.tools import ToolCall
from tests.fakes.model_server.play import Play, wording
from tests.fakes.model_server.question import Message, Question, own_turns
from tests.fakes.model_server.voices.forms import instance_of
from tests.fakes.model_server.voices.reading import as_agent, events, finished


def says(question: Question, play: Play | None) -> Message:
    """The next message of the agent of ``play``; a plain one where nobody knows what it is about."""
    if play is None:
        return stranger(question)
    slip = slip_of(question, play)
    agent = ScriptedAgent(play.scenario, play.cast, play.packs, wording(), play.seed, slip)
    said = agent_says(own_turns(question.messages), agent)
    if question.ways.get("reasoning"):
        said["reasoning_content"] = "The next step follows from what was said and found so far."
    return said


def slip_of(question: Question, play: Play) -> str | None:
    """The slip of this episode, or None."""
    rng = rng_for(play.seed, "fake", "slip", play.episode, question.ways.get("seed", "0"))
    return rng.choice(SLIPS) if rng.random() < question.number("slips") else None


def agent_says(messages: Sequence[Message], agent: Agent) -> Message:
    """The next message of an agent that has the conversation before it."""
    for event in events(as_agent(messages)):
        agent.observe(event)
    move = finished(agent.act())
    return with_calls(move.text, move.calls)


def with_calls(text: str, calls: Sequence[ToolCall]) -> Message:
    """A message with its calls."""
    said: Message = {"content": text}
    if calls:
        said["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": msgspec.json.encode(call.arguments).decode()}}
            for call in calls
        ]
    return said


LOST = """\
I am a fake model: I play the roles of a scenario, and nobody told me which one this is. In a run that means: the endpoint's provider is \
not "fake", or I was started with another STUDIO_DATA or DATABASE_URL than the studio."""


def stranger(question: Question) -> Message:
    """Without a scenario: call the tools that the last message names, else the first one; after results, and without tools, a sentence.
    Enough for whoever tries what an endpoint can do.
    """
    messages = question.messages
    last = messages[-1] if messages else {"role": "user", "content": ""}
    tools = [tool["function"] for tool in question.body.get("tools") or []]
    if question.schema is not None:
        return {"content": msgspec.json.encode(instance_of(question.schema)).decode()}
    if not tools or last["role"] == "tool" or question.body.get("tool_choice") == "none":
        return {"content": LOST}
    named = [tool for tool in tools if tool["name"] in str(last.get("content") or "")] or tools[:1]
    called = named if question.body.get("parallel_tool_calls") else named[:1]
    calls = [
        {
            "id": f"call_{len(messages)}_{number}",
            "type": "function",
            "function": {"name": tool["name"], "arguments": msgspec.json.encode(instance_of(tool.get("parameters") or {})).decode()},
        }
        for number, tool in enumerate(called, 1)
    ]
    return {"content": "", "tool_calls": calls}
