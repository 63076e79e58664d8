"""Two sides in one world: the agent asks in words, the user does it with tools of its own and tells what came of it."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from synthesis.adapters.starter_files import prompt
from synthesis.engine.environments.episode_world import EpisodeWorld
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import mid_turn, play, seat_to_move
from synthesis.engine.episode.ports import Limits, StateMismatch
from synthesis.engine.episode.trajectory import Trajectory, call_records, read_trajectory
from synthesis.engine.packs.model import LANGUAGES
from synthesis.engine.participants.cast import Cast, Colleague
from synthesis.engine.participants.fixing import Correction, Mistake, mistake_at, move_of
from synthesis.engine.participants.forking import CannotFork
from synthesis.engine.participants.model_agent import ModelAgent
from synthesis.engine.participants.model_user import MOST_IN_A_ROW, ModelUser
from synthesis.engine.participants.own_side import asks_for
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.team import Desk
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.tools import ToolCall
from synthesis.engine.trials.questions import last_view
from tests.builders_participants import PROFILES, cast
from tests.fakes.model_server.voices import agent_says, user_says
from tests.phone import phone, phone_machine, phone_scenario, phone_worlds
from tests.synthesis.engine.participants.test_model_seats import MemoryLog, Voice

PACKS = {"phone_support": phone()}
INTENTS = ("no_signal", "internet_after_reset", "data_abroad", "emergency_only", "insure_new_phone")


async def played(
    task: Scenario, who: Cast, past: Sequence[Event] = (), slip: str | None = None, models: bool = False, max_turns: int = 40
) -> list[Event]:
    environment = await phone_worlds().open(task, call_records(read_trajectory(past)))
    log = MemoryLog(past)
    user: Any = ScriptedUser(task, who, PACKS, starter_wording(), 5)
    agent: Any = ScriptedAgent(task, who, PACKS, starter_wording(), 5, slip)
    if models:
        users = Voice(lambda messages: user_says(messages, ScriptedUser(task, who, PACKS, starter_wording(), 5)))
        agents = Voice(lambda messages: agent_says(messages, ScriptedAgent(task, who, PACKS, starter_wording(), 5)))
        user, agent = ModelUser(task, who, PACKS, users, prompt("user")), ModelAgent(task, who, PACKS, agents)
    await play(
        user=user, agent=agent, environment=environment, log=log, limits=Limits(max_turns, wall_seconds=0), clock=lambda: 0.0,
        opening={"digest": environment.digest, "domain": task.domain}, past=past, team=Desk.of(who, task, PACKS),
    )  # fmt: skip
    if models:
        own = {tool["function"]["name"] for request in users.requests for tool in request.tools}
        assert own == set(phone().user_tools), "the user gets its own tools natively"
        shown = str([(request.messages, request.tools) for request in agents.requests])
        assert not [name for name in own if f'"{name}"' in shown or f"'{name}'" in shown], "the agent sees nothing of them"
    return log.events


def as_it_should(task: Scenario, events: Sequence[Event]) -> Trajectory:
    """The trajectory, once a replay of both sides' calls has led to the expected state with no rule broken."""
    trajectory = read_trajectory(events)
    assert trajectory.problems == []
    verified = asyncio.run(phone_worlds().verify(task, call_records(trajectory)))
    assert verified.matches, verified.differences
    assert verified.digest == trajectory.digest
    assert all(call.same and not call.broken for call in verified.calls)
    return trajectory


@pytest.mark.parametrize("intent", INTENTS)
@pytest.mark.parametrize("index", [0, 3])
@pytest.mark.parametrize("models", [False, True])
def test_the_agent_asks_and_the_user_does(intent: str, index: int, models: bool) -> None:
    task, who = phone_scenario(intent), cast(index)
    trajectory = as_it_should(task, asyncio.run(played(task, who, models=models)))
    wanted = [step.tool for step in task.wishes[0].steps if step.side == "user"]
    assert [call.name for call in trajectory.user_calls] == wanted
    assert not [call for call in trajectory.calls if call.name in phone().user_tools]
    asked = [m for m in trajectory.said_by("agent") if any(asks_for(m.text, phone().tools[name], who.persona.language) for name in wanted)]
    assert len(asked) == len(wanted), "one request for each step"


def test_each_call_says_whose_it_was() -> None:
    events = asyncio.run(played(phone_scenario("data_abroad"), cast(0)))
    results = [event.payload for event in events if event.kind == "tool_result"]
    assert {result["requestor"] for result in results} == {"agent", "user"}
    assert all((result["requestor"] == "user") == (result["name"] in phone().user_tools) for result in results)
    assert [event.turn for event in events if event.kind == "message"] == sorted(event.turn for event in events if event.kind == "message")


def test_it_goes_on_from_every_step_of_its_log() -> None:
    task, who = phone_scenario("emergency_only"), cast(3)
    whole = asyncio.run(played(task, who))
    for cut in range(1, len(whole)):
        assert asyncio.run(played(task, who, whole[:cut])) == whole, f"cut after event {cut - 1}"


@pytest.mark.parametrize("variation", ["plain", "ambiguous_record"])
def test_whoever_of_a_team_has_the_conversation_asks_the_user(variation: str) -> None:
    readers = msgspec.structs.replace(PROFILES[0], slug="front", toolset=["lookups"], colleagues=[Colleague("back", "any change")])
    who = msgspec.structs.replace(cast(0), agent=readers, team=[msgspec.structs.replace(PROFILES[2], slug="back", toolset=["changes"])])
    task = phone_scenario("insure_new_phone", variation)
    trajectory = as_it_should(task, asyncio.run(played(task, who)))
    assert [call.name for call in trajectory.user_calls] == ["read_imei"]
    assert trajectory.transfers, "the change is the colleague's"


def test_a_refold_that_differs_is_noticed_on_either_side() -> None:
    task = phone_scenario("emergency_only")
    trajectory = read_trajectory(asyncio.run(played(task, cast(0))))
    restart = next(call for call in trajectory.all_calls if call.name == "restart_phone")
    left_out = [record for record in call_records(trajectory) if record.call.id != restart.id]
    with pytest.raises(StateMismatch):
        asyncio.run(phone_worlds().open(task, left_out))


@pytest.mark.parametrize(("name", "requestor"), [("restart_phone", "agent"), ("list_lines", "user")])
def test_nobody_calls_the_other_sides_tools(name: str, requestor: Any) -> None:
    async def called() -> Any:
        environment = await phone_worlds().open(phone_scenario("emergency_only"))
        return await environment.call(ToolCall("c", name, {}), requestor)

    outcome = asyncio.run(called())
    assert outcome.error.code == "wrong_side"
    assert outcome.delta == []


def test_a_user_who_has_not_done_it_is_asked_again() -> None:
    task, who = phone_scenario("emergency_only"), cast(0)
    whole = asyncio.run(played(task, who))
    at = next(e.seq for e in whole if e.kind == "message" and e.payload.get("tool_calls") and e.payload["role"] == "user")
    instead = Event(at, "message", whole[at - 1].turn + 1, "", {"role": "user", "text": "Where would I find that?"})
    again = asyncio.run(played(task, who, [*whole[:at], instead]))
    trajectory = as_it_should(task, again)
    request = next(m for m in trajectory.said_by("agent") if m.seq > at)
    assert asks_for(request.text, phone().tools["check_status_bar"], "en")


def test_a_simulator_is_asked_for_the_agents_calls_alone() -> None:
    task, machine = phone_scenario("emergency_only"), lambda _: phone_machine()
    world = EpisodeWorld(task, machine)
    world.refold(call_records(read_trajectory(asyncio.run(played(task, cast(0))))))
    first, *_, last = [record.call for record in world.past if record.requestor == "agent"]
    assert first.name != last.name
    world.call(msgspec.structs.replace(first, id="stray"), "user")
    view = last_view(task, machine, world.past, everything=True)
    assert view is not None and (view.tool.name, view.arguments) == (last.name, last.arguments)


def test_whose_turn_it_is_after_a_call_of_the_users() -> None:
    whole = asyncio.run(played(phone_scenario("no_signal"), cast(0)))
    at = next(e.seq for e in whole if e.kind == "message" and e.payload.get("tool_calls") and e.payload["role"] == "user")
    assert seat_to_move(whole[: at + 1]) == ""
    assert (seat_to_move(whole[: at + 2]), mid_turn(whole[: at + 2])) == ("user", True)
    assert (seat_to_move(whole[: at + 3]), mid_turn(whole[: at + 3])) == ("agent", False)


def test_what_the_user_did_in_the_last_turn_is_still_told() -> None:
    task, who = phone_scenario("no_signal"), cast(0)
    last = next(e.turn for e in asyncio.run(played(task, who)) if e.kind == "tool_result" and e.payload["requestor"] == "user")
    trajectory = read_trajectory(asyncio.run(played(task, who, max_turns=last)))
    assert trajectory.reason == "max_turns"
    assert trajectory.user_calls and trajectory.said_by("user")[-1].text


def test_the_agent_is_told_what_the_user_can_do_and_the_user_how() -> None:
    task, who = phone_scenario("no_signal"), cast(0)
    system = ModelAgent(task, who, PACKS, Voice(lambda _: {})).messages[0]["content"]
    script = ModelUser(task, who, PACKS, Voice(lambda _: {}), prompt("user")).messages[0]["content"]
    for tool in phone().user_tools.values():
        assert tool.description in system
        assert tool.description in script
        assert tool.name not in system


def test_a_model_may_use_its_own_tools_once_the_agent_is_there_and_not_for_ever() -> None:
    user = ModelUser(phone_scenario("no_signal"), cast(0), PACKS, Voice(lambda _: {}), prompt("user"))
    assert user.tools == [], "nothing is done unasked"
    user.observe(Event(1, "message", 1, "", {"role": "agent", "text": "Hello, what can I do?"}))
    for number in range(MOST_IN_A_ROW):
        assert {tool["function"]["name"] for tool in user.tools} == set(phone().user_tools)
        call = {"id": f"c{number}", "name": "restart_phone", "arguments": {}}
        user.observe(Event(2 + number, "message", 1, "", {"role": "user", "text": "", "tool_calls": [call]}))
    assert user.tools == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_names_its_own_tool(language: str) -> None:
    for tool in phone().user_tools.values():
        for line in tool.lines("asks", language):
            assert [name for name, other in phone().user_tools.items() if asks_for(line, other, language)] == [tool.name]


def test_what_the_user_did_can_be_corrected() -> None:
    whole = asyncio.run(played(phone_scenario("no_signal"), cast(0)))
    made = next(e for e in whole if e.kind == "message" and e.payload["role"] == "user" and e.payload.get("tool_calls"))
    assert mistake_at(whole, made.seq + 1) == Mistake(made.seq, "user"), "a result goes back to whoever called"
    own = list(phone().user_tools)
    call = {"name": "restart_phone", "arguments": {}}
    move = move_of(Correction("", [call]), "user", own, made.seq)
    assert [one.name for one in move.calls] == ["restart_phone"]
    for wrong in (Correction("Done.", [call]), Correction("", [{**call, "name": "list_lines"}]), Correction()):
        with pytest.raises(CannotFork):
            move_of(wrong, "user", own, made.seq)
    with pytest.raises(CannotFork, match="calls no tools"):
        move_of(Correction("", [call]), "user", [], made.seq)


def test_what_a_simulator_would_have_been_asked_stands_on_what_the_user_did_too() -> None:
    task = phone_scenario("insure_new_phone")
    records = call_records(read_trajectory(asyncio.run(played(task, cast(0)))))
    assert {record.requestor for record in records} == {"agent", "user"}
    view = last_view(task, lambda _release: phone_machine(), records, everything=True)
    assert view is not None and view.tool.name == [record.call.name for record in records if record.requestor == "agent"][-1]
