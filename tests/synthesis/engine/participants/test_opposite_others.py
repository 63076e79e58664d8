"""The scripted seats opposite somebody who does not follow the script: they read, ask again, hold on, and in the end leave or give up."""

import asyncio
import random
from typing import Any

import msgspec

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.seats import AgentMove, UserMove
from synthesis.engine.faults.planned import PlannedFault
from synthesis.engine.language import reading
from synthesis.engine.participants.cast import Cast
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.scenario import Scenario
from tests.builders_participants import cast
from tests.packs import tool_shed
from tests.worlds import local_worlds, scenario


class Table:
    """One scripted seat; the test speaks for the other one."""

    def __init__(self, task: Scenario, who: Cast, seed: int = 1) -> None:
        packs, wording = {tool_shed().slug: tool_shed()}, starter_wording()
        self.task = task
        self.user = ScriptedUser(task, who, packs, wording, seed)
        self.agent = ScriptedAgent(task, who, packs, wording, seed)
        self.environment = asyncio.run(local_worlds().open(task))
        self.seq = 0

    def show(self, seat: Any, kind: Any, payload: dict[str, Any], call_id: str | None = None) -> None:
        seat.observe(Event(self.seq, kind, 0, "", payload, call_id))
        self.seq += 1

    def user_answers(self, text: str) -> UserMove:
        """The scripted user's reaction to an agent's ``text``."""
        if text:
            self.show(self.user, "message", {"role": "agent", "text": text})
        move = asyncio.run(self.user.act())
        self.show(self.user, "message", {"role": "user", "text": move.text})
        return move

    def agent_answers(self, text: str) -> AgentMove:
        """The scripted agent's next words to the user after ``text``, its calls executed on the way."""
        self.show(self.agent, "message", {"role": "user", "text": text})
        while True:
            move = asyncio.run(self.agent.act())
            calls = [msgspec.to_builtins(call) for call in move.calls]
            self.show(self.agent, "message", {"role": "agent", "text": move.text, "tool_calls": calls})
            if not move.calls:
                return move
            for call in move.calls:
                outcome = asyncio.run(self.environment.call(call))
                payload: dict[str, Any] = {"digest": outcome.digest, "delta": outcome.delta}
                payload |= {"error": msgspec.to_builtins(outcome.error)} if outcome.error else {"result": outcome.result}
                self.show(self.agent, "tool_result", payload, call.id)


def test_the_user_does_not_know_what_nobody_told_it() -> None:
    table = Table(scenario("gradual", 1), cast(0))
    table.user_answers("")
    answer = table.user_answers("What is your mother's favourite colour?")
    assert not answer.done
    assert not table.user.errands[0].told


def test_the_user_loses_patience_with_an_agent_that_gets_nowhere() -> None:
    table = Table(scenario("gradual", 1), cast(0))
    moves = [table.user_answers("")] + [table.user_answers("Hm, interesting.") for _ in range(5)]
    last = next(move for move in moves if move.done)
    assert last.feedback is not None
    assert not last.feedback["satisfied"]
    assert last.feedback["rating"] <= 2


def test_the_user_accepts_an_unexpected_no_and_says_so_in_its_feedback() -> None:
    table = Table(scenario("plain", 1), cast(0))
    table.user_answers("")
    move = table.user_answers("I'm sorry, I can't do that for you.")
    assert move.done
    assert move.feedback is not None
    assert not move.feedback["satisfied"]


def test_the_user_leaves_when_it_is_sent_away_or_told_of_a_failure() -> None:
    for text in ("Somebody will call you. Have a good day, goodbye!", "The system keeps failing and there was an error."):
        table = Table(scenario("plain", 1), cast(0))
        table.user_answers("")
        move = table.user_answers(text)
        assert move.done
        assert move.feedback is not None
        assert not move.feedback["satisfied"]


def test_the_user_repeats_what_it_has_said() -> None:
    task = scenario("plain", 1)
    table = Table(task, cast(0))
    table.user_answers("")
    fact = task.wishes[0].facts[0]
    move = table.user_answers(f"Sorry, could you tell me {fact.label['en']} once more?")
    assert fact.key in table.user.errands[0].words.told(move.text)


def test_the_agent_asks_again_and_at_last_gives_up_without_an_answer() -> None:
    table = Table(scenario("gradual", 1), cast(0))
    replies = [table.agent_answers("Hello, I need something.")] + [table.agent_answers("Bananas are yellow.") for _ in range(4)]
    assert len({move.text for move in replies}) == len(replies)
    assert reading.refuses(replies[3].text)


def drive_to_proposal(table: Table) -> AgentMove:
    wish = table.task.wishes[0]
    words = table.agent.tracks[0].words
    text = " ".join(
        table.user.phrasing.answer(words, fact.key, "right", random.Random(1)) for fact in wish.facts if fact.key not in wish.hides
    )
    return table.agent_answers(f"Hello. {text}")


def test_the_agent_wants_a_clear_yes_and_does_nothing_without_it() -> None:
    table = Table(confirming(), cast(0))
    assert reading.asks_to_confirm(drive_to_proposal(table).text)
    moves = [table.agent_answers("Bananas are yellow.") for _ in range(3)]
    assert reading.asks_to_confirm(moves[0].text)
    assert not any(move.calls for move in moves)
    assert not reading.asks_to_confirm(moves[-1].text)


def confirming() -> Scenario:
    """A plain scenario with a write that needs a yes."""
    tasks = (scenario("plain", seed) for seed in range(20))
    return next(task for task in tasks if any(step.confirm for step in task.wishes[0].steps))


def test_the_agent_leaves_things_alone_after_a_no() -> None:
    table = Table(confirming(), cast(0))
    drive_to_proposal(table)
    move = table.agent_answers("No, don't do that.")
    assert not move.calls
    assert reading.has_question(move.text)


def test_the_agent_takes_leave_when_thanked() -> None:
    table = Table(scenario("no_fitting_tool", 1), cast(0))
    assert reading.refuses(table.agent_answers("Hello, please do it.").text)
    assert reading.refuses(table.agent_answers("Oh come on!").text)
    last = table.agent_answers("That's all, thanks. Bye.")
    assert last.done
    assert reading.says_goodbye(last.text)


def test_the_agent_gives_up_when_a_tool_never_answers() -> None:
    task = confirming()
    tool = task.wishes[0].steps[0].tool
    stuck = msgspec.structs.replace(task, faults=[PlannedFault(tool, n, "timeout") for n in range(9)])
    table = Table(stuck, cast(0))
    move = drive_to_proposal(table)
    assert reading.reports_problem(move.text)
    assert not reading.reports_done(move.text)
    assert len(table.agent.sent) == 4
