"""The fidelity of a simulator: a perfect one, ones that are wrong in known ways, and going on where another worker stopped."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from synthesis.engine.chat.errors import Parked
from synthesis.engine.chat.model import ChatReply, ChatRequest, OnDelta, Usage
from synthesis.engine.environments.local import LocalEnvironment
from synthesis.engine.environments.measuring import Measured, Measuring, quotas
from synthesis.engine.environments.simulated import Simulator
from synthesis.engine.participants.prompts import Prompt
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.simulation.fidelity import KINDS, Answered, rehearsed, total
from synthesis.engine.tools import ToolError
from synthesis.engine.world.changes import RowChange
from tests.packs import tool_shed
from tests.synthesis.engine.environments.simulators import asked
from tests.worlds import local_worlds, scenario

PROMPT = Prompt("{name}")
Bend = Callable[[dict[str, Any]], Any]


class ProgramModel:
    """A simulator that knows the program: it runs it on a copy of the world and tells what came out, bent where a test says so."""

    def __init__(self, bend: Bend = lambda answer: answer) -> None:
        self.bend = bend
        self.world: LocalEnvironment | None = None
        self.asked = 0

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        self.asked += 1
        assert self.world is not None
        call, world = asked(request)["call"], self.world.world
        pack = tool_shed()
        result = world.machine_of(pack.slug).call(world.state_of(pack.slug).copy(), call["tool"], call["arguments"])
        answer: dict[str, Any] = {"notes": []}
        if result.error:
            answer["error"] = {"code": result.error.code, "message": "no"}
        else:
            answer |= {"result": result.result, "delta": edits(result.delta)}
        value = self.bend(answer)
        return ChatReply(msgspec.json.encode(value).decode(), value=value, usage=Usage("p", 10, 5, cost=3))


def edits(delta: list[RowChange]) -> dict[str, Any]:
    """A delta as a simulator writes it."""
    inserts = [{"table": c.table, "row": c.after} for c in delta if c.before is None]
    updates = [{"table": c.table, "key": c.key, "set": c.after} for c in delta if c.before and c.after]
    return {"insert": inserts, "update": updates}


async def measured(model: ProgramModel, calls: int, measured: Measured | None = None, variation: str = "plain") -> Measuring:
    measuring = Measuring(tool_shed(), Simulator(model, PROMPT, True), quotas(tool_shed(), calls), measured or Measured())
    for number in range(measuring.measured.next, 60):
        wanted = measuring.wanted()
        if measuring.done or not wanted:
            break
        made: Scenario = scenario(variation, number, intent=wanted[number % len(wanted)])
        world = await local_worlds().open(made)
        model.world = world

        async def told() -> None:
            return None

        await measuring.scenario(made, world, told)
        measuring.measured.turn_over()
    return measuring


async def test_a_perfect_simulator_is_perfect_and_every_tool_has_its_share() -> None:
    model = ProgramModel()
    measuring = await measured(model, 28)
    tools = measuring.measured.tools
    assert measuring.done and {name: tool.calls for name, tool in tools.items()} == quotas(tool_shed(), 28)
    everything = total(tools.values())
    assert everything.calls == everything.both == 28 == model.asked and everything.kinds == {}
    assert measuring.measured.usage.cost == 84 and measuring.measured.usage.attempts == 28


async def test_wrong_states_wrong_results_and_unusable_answers_are_told_apart() -> None:
    def no_write(answer: dict[str, Any]) -> dict[str, Any]:
        return answer | {"delta": {}}

    measuring = await measured(ProgramModel(no_write), 21)
    for tool in measuring.measured.tools.values():
        assert tool.results == tool.calls or tool.unusable, "a lent loan that is in no table is no result"
        if tool.effect == "write":
            assert tool.states == 0 and tool.both == 0
        else:
            assert tool.states == tool.both == tool.calls

    def nonsense(answer: dict[str, Any]) -> dict[str, Any]:
        return {"result": 7, "notes": []}

    model = ProgramModel(nonsense)
    measuring = await measured(model, 7)
    everything = total(measuring.measured.tools.values())
    assert everything.unusable == everything.calls == 7 and everything.kinds == {"unusable": 7}
    assert model.asked == 14 and everything.repaired == 7
    assert all(tool.examples[0].words for tool in measuring.measured.tools.values())


async def test_errors_of_programs_are_measured_with_wrong_values() -> None:
    def polite(answer: dict[str, Any]) -> dict[str, Any]:
        return answer if "error" not in answer else {"result": {"member_id": "M-001", "name": "A", "pickup": "front"}, "notes": []}

    measuring = await measured(ProgramModel(polite), 14, variation="wrong_value")
    everything = total(measuring.measured.tools.values())
    assert everything.kinds.get("missed_error", 0) + everything.unusable > 0


async def test_another_worker_goes_on_where_one_stopped() -> None:
    class Away(ProgramModel):
        async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
            if self.asked == 1:
                raise Parked(300)
            return await super().reply(request, on_delta)

    state = Measured()
    with pytest.raises(Parked):
        await measured(Away(), 14, state)
    assert state.calls == 1
    assert state.passed > 0, "it stopped in the middle of a scenario"
    kept = msgspec.json.decode(msgspec.json.encode(state), type=Measured)
    measuring = await measured(ProgramModel(), 14, kept)
    assert measuring.measured.calls == 14


def kinds(program: Any, simulator: Any) -> list[str]:
    return rehearsed(tool_shed(), Answered(program), Answered(simulator)).kinds


COMPARED = [
    ({"due": "2026-01-01"}, {"due": "2026-01-01"}, []),
    ({"note": "A"}, {"note": "quite another"}, []),
    ({"due": "2026-01-01"}, {"due": "2026-01-02"}, ["values"]),
    ({"due": 1, "fee": 0}, {"due": 1}, ["fields_missing"]),
    ({"due": 1}, {"due": 1, "fee": 0}, ["fields_added"]),
    ([1, 2], [2, 1], ["order"]),
    ([1, 2], [1], ["rows_missing"]),
    ([1], [1, 2], ["rows_added"]),
    ([1, 2], [1, 3], ["values"]),
    ({"paid": True}, {"paid": 1}, ["values"]),
]


@pytest.mark.parametrize(("program", "simulator", "expected"), COMPARED)
def test_results_are_compared_as_tables_are(program: Any, simulator: Any, expected: list[str]) -> None:
    assert kinds(program, simulator) == expected
    assert set(expected) <= set(KINDS)


def test_errors_are_compared_by_code_and_states_by_changes() -> None:
    gone, late = ToolError("not_found", "x"), ToolError("not_open", "y")
    pack = tool_shed()
    assert rehearsed(pack, Answered(error=gone), Answered(error=ToolError("not_found", "other words"))).same_result
    assert rehearsed(pack, Answered(error=gone), Answered(error=late)).kinds == ["other_error"]
    assert rehearsed(pack, Answered(1), Answered(error=late)).kinds == ["invented_error"]
    assert rehearsed(pack, Answered(error=gone), Answered(1)).kinds == ["missed_error"]
    before = {"loan_id": "L-1", "note": "", "fee": 1}
    same = [RowChange("loans", "L-1", before, {**before, "note": "x"})], [RowChange("loans", "L-1", before, {**before, "note": "y"})]
    assert rehearsed(pack, Answered(1, delta=same[0]), Answered(1, delta=same[1])).same_state, "note is compare: ignore"
    other = [RowChange("loans", "L-1", before, {**before, "fee": 2})]
    compared = rehearsed(pack, Answered(1, delta=other), Answered(1))
    assert compared.same_result and not compared.same_state and compared.kinds == ["state"]
