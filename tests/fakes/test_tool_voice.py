"""The fake simulator: faithful by default, and wrong in the ways and shares that are asked for."""

import asyncio
from typing import Any

import msgspec
import pytest

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.chat.model import ChatReply, ChatRequest, OnDelta
from synthesis.engine.environments.local import LocalWorlds
from synthesis.engine.environments.measuring import Measured, Measuring, quotas
from synthesis.engine.environments.simulated import SimulatedTools, Simulator
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.prompts import Prompt
from synthesis.engine.scenarios.generate import GenerateRequest
from synthesis.engine.simulation.fidelity import ToolFidelity, total
from synthesis.engine.tools import ToolCall
from tests.builders_runs import starter_pack
from tests.fakes.model_server.question import Question
from tests.fakes.model_server.voices import tool
from tests.packs import manual_shed
from tests.synthesis.engine.environments.test_simulated import a_loan, scenario

PROMPT = Prompt("{name}")


class Voice:
    """The voice behind the port, without a network; ``ways`` are the options of the model's name."""

    def __init__(self, **ways: str) -> None:
        self.ways = ways

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        assert request.answer
        body: dict[str, Any] = {
            "messages": request.messages,
            "response_format": {"type": "json_schema", "json_schema": {"name": request.answer.name, "schema": request.answer.schema}},
        }
        text = tool.says(Question(body, "tool", 0, self.ways), None)["content"]
        return ChatReply(text, value=msgspec.json.decode(text))


def fidelity(pack: Pack, calls: int, **ways: str) -> ToolFidelity:
    worlds = LocalWorlds({pack.digest: pack}.__getitem__, StarlarkInterpreter())
    measuring = Measuring(pack, Simulator(Voice(**ways), PROMPT, True), quotas(pack, calls), Measured())

    async def told() -> None:
        return None

    async def measure() -> None:
        for number in range(calls * 4):
            wanted = measuring.wanted()
            if measuring.done or not wanted:
                return
            request = GenerateRequest(pack.digest, "plain", number, [1, 2, 3], intent=wanted[number % len(wanted)])
            made = (await worlds.generate(request)).scenario
            if made:
                await measuring.scenario(made, await worlds.open(made), told)
            measuring.measured.turn_over()

    asyncio.run(measure())
    return total(measuring.measured.tools.values())


@pytest.mark.parametrize("slug", ["vet_clinic", "course_enrolment"])
def test_with_the_programs_of_the_starter_packs_it_is_faithful_as_far_as_rows_are_shown(slug: str) -> None:
    found = fidelity(starter_pack(slug), 48)
    assert found.calls == 48
    assert found.both / found.calls > 0.9, found.kinds
    assert found.unusable == 0, "what the program does contradicts nothing"


def test_shares_of_wrong_answers_are_noticed_and_asked_again() -> None:
    honest, wrong = fidelity(starter_pack("vet_clinic"), 40), fidelity(starter_pack("vet_clinic"), 40, misfit="0.4")
    assert wrong.repaired > honest.repaired + 5
    assert wrong.both == honest.both, "the second answer is right"
    stubborn = fidelity(starter_pack("vet_clinic"), 40, misfit="0.4", stubborn="1")
    assert stubborn.unusable == wrong.repaired - honest.repaired


async def test_contradictions_of_the_tables_are_found() -> None:
    worlds = LocalWorlds({manual_shed().digest: manual_shed()}.__getitem__, StarlarkInterpreter())
    made = scenario()
    environment = SimulatedTools(await worlds.open(made), Simulator(Voice(contradict="1"), PROMPT))
    outcome = await environment.call(ToolCall("c1", "search_manuals", {"query": "B-01"}))
    assert outcome.ok and outcome.simulation is not None and "has minutes" in (outcome.simulation.repaired or "")
    environment = SimulatedTools(await worlds.open(made), Simulator(Voice(contradict="1", stubborn="1"), PROMPT))
    outcome = await environment.call(ToolCall("c1", "search_manuals", {"query": "B-01"}))
    assert outcome.error is not None and outcome.simulation is not None and outcome.simulation.problem


async def test_tools_without_programs_find_and_change_rows() -> None:
    worlds = LocalWorlds({manual_shed().digest: manual_shed()}.__getitem__, StarlarkInterpreter())
    made = scenario()
    environment = SimulatedTools(await worlds.open(made), Simulator(Voice(), PROMPT))
    found = await environment.call(ToolCall("c1", "search_manuals", {"query": "manual B-02 please"}))
    assert found.ok and found.result[0]["manual_id"] == "B-02" and found.simulation is not None and not found.simulation.repaired
    none = await environment.call(ToolCall("c2", "search_manuals", {"query": "helicopter"}))
    assert none.error is not None and none.error.code == "nothing_found"
    left = await environment.call(ToolCall("c3", "leave_note", {"loan_id": a_loan(made), "text": "Ring twice"}))
    assert left.ok and left.delta[0]["after"]["note"] == "Ring twice"
