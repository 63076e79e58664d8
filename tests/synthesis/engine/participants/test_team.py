"""Teams in whole episodes, scripted and with models in the agent's seat, and what the checks say of their transfers."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from judging.engine.case import Case
from judging.engine.checks.check import CheckResult
from judging.engine.checks.registry import run_checks
from judging.engine.formats.canonical import conversation
from judging.engine.formats.validity import Arguments, flaw_of
from judging.engine.mutation.script import perform, script_of
from synthesis.engine.chat.answer import read_completion
from synthesis.engine.chat.model import ChatReply, ChatRequest, OnDelta
from synthesis.engine.chat.profiles import PROFILES
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import Outcome, play
from synthesis.engine.episode.ports import Limits
from synthesis.engine.episode.seats import Agent, AgentMove
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from synthesis.engine.participants.cast import AgentProfile, Cast, Colleague
from synthesis.engine.participants.model_agent import ModelAgent
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.team import MOST_HANDOFFS, Desk, Team, whole_offer
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.scenario import VARIATIONS, Scenario
from synthesis.engine.tools import ToolCall
from tests.builders_participants import cast
from tests.fakes.model_server.server import completion_of
from tests.fakes.model_server.voices import agent_says
from tests.packs import tool_shed
from tests.worlds import local_worlds, scenario

PACKS = {tool_shed().slug: tool_shed()}
PLAYABLE = [variation for variation in VARIATIONS if variation != "similar_tools"]
BACK = AgentProfile("back_office", "a colleague from the back office", "formal", toolset=["lookups", "changes"])
IDLE = AgentProfile("greeter", "somebody who only greets", "warm", toolset=["greet_*"])


def team_cast(seed: int, *others: AgentProfile) -> Cast:
    who = cast(seed)
    colleagues = [Colleague(other.slug, "any change to a record") for other in (BACK, *others)]
    front = msgspec.structs.replace(who.agent, slug="first_line", toolset=["lookups"], colleagues=colleagues)
    return msgspec.structs.replace(who, agent=front, team=[BACK, *others])


class MemoryLog:
    def __init__(self, past: Sequence[Event] = ()) -> None:
        self.events = list(past)

    async def append(self, events: Sequence[Event]) -> None:
        self.events += events


class Voice:
    """A model that says what a scripted agent would, from the messages alone."""

    def __init__(self, task: Scenario, who: Cast) -> None:
        self.task, self.who, self.requests = task, who, list[ChatRequest]()

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        self.requests.append(msgspec.structs.replace(request, messages=list(request.messages)))
        agent = ScriptedAgent(self.task, self.who, PACKS, starter_wording(), 5)
        message = await asyncio.to_thread(agent_says, request.messages, agent)
        return read_completion(completion_of({"messages": request.messages}, message, 1), request, PROFILES["openai"])


class Passing:
    """An agent that hands over whatever comes, as ``moves`` say, before it goes on like the one behind it."""

    def __init__(self, agent: Agent, moves: list[list[ToolCall]]) -> None:
        self.agent, self.moves = agent, moves

    def observe(self, event: Event) -> None:
        self.agent.observe(event)

    async def act(self) -> AgentMove:
        return AgentMove(calls=self.moves.pop(0)) if self.moves else await self.agent.act()


def transfer(number: int, to: str) -> ToolCall:
    return ToolCall(f"t{number}", f"transfer_to_{to}", {"reason": "It is yours."})


async def played(task: Scenario, who: Cast, agent: Agent | None = None, past: Sequence[Event] = ()) -> tuple[list[Event], Outcome]:
    environment = await local_worlds().open(task, call_records(read_trajectory(past)) if past else ())
    log = MemoryLog(past)
    outcome = await play(
        user=ScriptedUser(task, who, PACKS, starter_wording(), 5),
        agent=agent or ScriptedAgent(task, who, PACKS, starter_wording(), 5),
        environment=environment,
        log=log,
        limits=Limits(wall_seconds=0),
        clock=lambda: 0.0,
        opening={"digest": environment.digest, "domain": task.domain, "variation": task.variation, "cast": msgspec.to_builtins(who)},
        past=past,
        team=Desk.of(who, task, PACKS),
    )
    return log.events, outcome


def checked(task: Scenario, events: Sequence[Event]) -> dict[str, CheckResult]:
    trajectory = read_trajectory(events)
    verification = asyncio.run(local_worlds().verify(task, call_records(trajectory)))
    return {result.id: result for result in run_checks(Case(task, PACKS, trajectory, verification))}


def writes(task: Scenario) -> bool:
    return any(step.effect == "write" for wish in task.wishes for step in wish.steps)


@pytest.mark.parametrize("variation", PLAYABLE)
@pytest.mark.parametrize("seed", range(3))
def test_a_competent_team_does_what_was_asked_and_hands_over_only_for_changes(variation: str, seed: int) -> None:
    task, who = scenario(variation, seed), team_cast(seed)
    events, outcome = asyncio.run(played(task, who))
    assert outcome.reason == "user_done"
    failed = {name: result.reason for name, result in checked(task, events).items() if result.failed}
    assert not failed
    handoffs = [event.payload for event in events if event.kind == "handoff"]
    wrote = any(event.kind == "tool_result" and event.payload["delta"] for event in events)
    assert len(handoffs) <= 1
    if wrote:
        assert [(one["from"], one["to"]) for one in handoffs] == [("first_line", "back_office")]
    trajectory = read_trajectory(events)
    case = Case(task, PACKS, trajectory, asyncio.run(local_worlds().verify(task, call_records(trajectory))))
    assert flaw_of(conversation(trajectory), case.callable_tools, Arguments()) is None


@pytest.mark.parametrize("variation", ["plain", "changed_mind", "several_at_once"])
def test_a_team_goes_on_from_its_log_wherever_it_stopped(variation: str) -> None:
    task, who = scenario(variation, 1), team_cast(1)
    whole, outcome = asyncio.run(played(task, who))
    assert any(event.kind == "handoff" for event in whole)
    for cut in range(1, len(whole)):
        again, other = asyncio.run(played(task, who, past=whole[:cut]))
        assert [(e.kind, e.payload) for e in again] == [(e.kind, e.payload) for e in whole]
        assert other.digest == outcome.digest


def test_a_model_that_gets_the_conversation_has_its_own_prompt_and_tools_and_all_that_was_said() -> None:
    task, who = scenario("plain", 1), team_cast(1)
    voice = Voice(task, who)
    events, outcome = asyncio.run(played(task, who, ModelAgent(task, who, PACKS, voice)))
    assert outcome.reason == "user_done"
    assert not {name: result.reason for name, result in checked(task, events).items() if result.failed}
    names = [{tool["function"]["name"] for tool in request.tools} for request in voice.requests]
    assert "transfer_to_back_office" in names[0] and "transfer_to_first_line" in names[-1]
    assert not names[0] & {name for name, tool in tool_shed().tools.items() if tool.effect == "write"}
    assert who.agent.role in voice.requests[0].messages[0]["content"] and BACK.role in voice.requests[-1].messages[0]["content"]
    assert voice.requests[-1].messages[1] == voice.requests[0].messages[1]
    cut = next(event.seq for event in events if event.kind == "handoff") + 1
    resumed, other = asyncio.run(played(task, who, ModelAgent(task, who, PACKS, Voice(task, who)), past=events[:cut]))
    assert [e.payload.get("text") for e in resumed] == [e.payload.get("text") for e in events] and other.digest == outcome.digest


def passing(task: Scenario, who: Cast, moves: list[list[ToolCall]]) -> list[Event]:
    agent = Passing(ScriptedAgent(task, who, PACKS, starter_wording(), 5), moves)
    return asyncio.run(played(task, who, agent))[0]


def test_a_transfer_for_nothing_is_found() -> None:
    task = next(task for seed in range(40) if not writes(task := scenario("plain", seed)))
    events = passing(task, team_cast(1), [[transfer(1, "back_office")]])
    assert checked(task, events)["transfers_needed"].failed


def test_the_wrong_colleague_is_found() -> None:
    task = next(task for seed in range(40) if writes(task := scenario("plain", seed)))
    results = checked(task, passing(task, team_cast(1, IDLE), [[transfer(1, "greeter")]]))
    assert results["right_colleague"].failed and results["right_colleague"].party == "agent"
    assert not results["transfers_made"].failed


def test_a_colleagues_tool_is_refused_and_the_world_left_alone() -> None:
    task = next(task for seed in range(40) if writes(task := scenario("plain", seed)))
    name = next(name for name, tool in tool_shed().tools.items() if tool.effect == "write")
    events = passing(task, team_cast(1), [[ToolCall("x1", name, {})]])
    result = next(event.payload for event in events if event.call_id == "x1")
    assert result["error"]["code"] == "not_yours" and result["digest"] == events[0].payload["digest"] and not result["delta"]
    results = checked(task, events)
    assert results["transfers_made"].failed and not results["replays"].failed


def test_who_never_hands_over_leaves_it_undone() -> None:
    task, who = next(task for seed in range(40) if writes(task := scenario("plain", seed))), team_cast(1)

    class Ending(Passing):
        async def act(self) -> AgentMove:
            return AgentMove("Goodbye.", done=True)

    events, _ = asyncio.run(played(task, who, Ending(ScriptedAgent(task, who, PACKS, starter_wording(), 5), [])))
    assert checked(task, events)["transfers_made"].failed


def test_nobody_is_passed_to_and_fro_for_ever() -> None:
    task, who = scenario("plain", 1), team_cast(1)
    moves = [[transfer(n, ("back_office", "first_line")[n % 2])] for n in range(MOST_HANDOFFS)]
    moves += [[transfer(MOST_HANDOFFS + n, "back_office")] for n in range(2)]
    events = passing(task, who, moves)
    errors = [event.payload["error"]["code"] for event in events if event.kind == "tool_result" and event.payload.get("error")]
    assert errors[:2] == ["too_many_handoffs"] * 2
    assert sum(event.kind == "handoff" for event in events) == MOST_HANDOFFS
    assert read_trajectory(events).reason in {"user_done", "agent_done"}


def test_one_message_hands_over_once_and_never_to_oneself() -> None:
    task, who = scenario("plain", 1), team_cast(1, IDLE)
    events = passing(
        task,
        who,
        [[transfer(1, "first_line"), transfer(2, "back_office"), transfer(3, "greeter"), ToolCall("x", "transfer_to_back_office", {})]],
    )
    codes = [(event.payload.get("error") or {}).get("code") for event in events if event.kind == "tool_result"][:4]
    assert codes == ["already_yours", None, "already_transferred", "already_transferred"]


def test_a_row_names_the_team_and_everybodys_tools() -> None:
    task, who = scenario("plain", 1), team_cast(1)
    system, tools = whole_offer(task, who, PACKS)
    assert {"transfer_to_first_line", "transfer_to_back_office"} <= set(tools) and set(tool_shed().tools) <= set(tools)
    assert BACK.role in system and "any change to a record" in system
    alone, only = whole_offer(task, cast(1), PACKS)
    assert "team" not in alone and not any(name.startswith("transfer_to_") for name in only)


def test_what_nobody_names_is_the_first_ones() -> None:
    tools: dict[str, Any] = tool_shed().tools
    front = AgentProfile("front", "a front", "warm", toolset=["none_*"])
    team = Team([front, AgentProfile("back", "a back", "warm", toolset=["changes"])], tools)
    assert team.front.tools == {name for name, tool in tools.items() if tool.effect == "read"}


def test_an_unchanged_script_of_a_team_gives_its_own_log_again() -> None:
    task, who = scenario("changed_mind", 1), team_cast(1)
    events, _ = asyncio.run(played(task, who))

    async def again() -> list[Event]:
        return await perform(script_of(events), await local_worlds().open(task), Desk.of(who, task, PACKS))

    assert any(event.kind == "handoff" for event in events)
    assert asyncio.run(again()) == events
