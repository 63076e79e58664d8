"""Tools that a model answers: what it is shown, what is taken from it, what is asked again, and what a log needs to go on."""

from typing import Any

import pytest
from msgspec.structs import replace

from synthesis.adapters.sandbox import SandboxPool
from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.chat.errors import Parked
from synthesis.engine.environments.episode_world import EpisodeWorld
from synthesis.engine.environments.local import LocalWorlds
from synthesis.engine.environments.simulated import SimulatedTools, Simulator
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import result_payload
from synthesis.engine.episode.ports import CallRecord, Settled, StateMismatch, was_executed
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from synthesis.engine.faults.planned import PlannedFault
from synthesis.engine.participants.prompts import Prompt
from synthesis.engine.scenarios.generate import GenerateRequest, generate
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.tools import Simulation, ToolCall, ToolOutcome
from synthesis.engine.world.machine import Machine
from tests.packs import manual_shed
from tests.synthesis.engine.environments.simulators import ScriptedModel, asked, found, noted, unusable
from tests.worlds import no_sibling

PROMPT = Prompt("You are {name}. {returns}")
MACHINE = Machine(manual_shed(), StarlarkInterpreter())


def scenario(simulated: bool = True) -> Scenario:
    request = GenerateRequest(manual_shed().digest, "plain", 3, [1, 2], intent="charge_time" if simulated else None, simulated=simulated)
    made = generate(request, MACHINE, no_sibling).scenario
    assert made is not None
    return made


def worlds() -> LocalWorlds:
    return LocalWorlds({manual_shed().digest: manual_shed()}.__getitem__, StarlarkInterpreter())


async def opened(model: ScriptedModel, made: Scenario | None = None, past: Any = (), everything: bool = False) -> SimulatedTools:
    return SimulatedTools(await worlds().open(made or scenario(), past), Simulator(model, PROMPT, everything))


def search(query: str, number: int = 1) -> ToolCall:
    return ToolCall(f"call_{number}", "search_manuals", {"query": query})


def first_manual(made: Scenario) -> dict[str, Any]:
    return next(iter(MACHINE.world(made.worlds[0].seed).tables["manuals"].values())).values


def a_loan(made: Scenario) -> str:
    return next(iter(MACHINE.world(made.worlds[0].seed).tables["loans"]))


async def test_the_simulator_is_shown_what_it_may_see_and_its_answer_is_the_result() -> None:
    made, model = scenario(), ScriptedModel(found)
    environment = await opened(model, made)
    manual = first_manual(made)
    outcome = await environment.call(search(manual["manual_id"]))
    assert outcome.result == [{name: manual[name] for name in ("manual_id", "minutes", "summary")}]
    assert outcome.simulation is not None and outcome.simulation.notes == ["Searched."]
    assert outcome.simulation.usage["cost"] == 7 and outcome.simulation.usage["prompt"] == PROMPT.digest
    document = asked(model.requests[0])
    assert list(document["tables"]) == ["manuals"] and not document["tables"]["manuals"]["writable"]
    assert model.requests[0].role == "tool" and model.requests[0].answer is not None
    assert "search_manuals" in model.requests[0].messages[0]["content"]


async def test_a_write_changes_the_private_world_and_programs_see_it() -> None:
    made, model = scenario(), ScriptedModel(noted)
    environment = await opened(model, made)
    before, loan = environment.digest, a_loan(made)
    outcome = await environment.call(ToolCall("c1", "leave_note", {"loan_id": loan, "text": "Back door"}))
    assert [(change["table"], change["key"], change["after"]["note"]) for change in outcome.delta] == [("loans", loan, "Back door")]
    assert environment.digest == outcome.digest != before
    member = outcome.delta[0]["after"]["member_id"]
    listed = await environment.call(ToolCall("c2", "list_loans", {"member_id": member}))
    assert listed.simulation is None
    assert {row["loan_id"]: row["note"] for row in listed.result}[loan] == "Back door"


BAD = [
    ({"result": "text", "notes": []}, 'is not of type "array"'),
    ({"notes": []}, "neither result nor error"),
    ({"error": {"code": "on_fire", "message": ""}, "notes": []}, "on_fire is no error"),
    ({"result": [{"manual_id": "B-99", "minutes": 5, "summary": ""}], "notes": []}, "no row 'B-99'"),
    ({"result": [{"manual_id": "B-01", "minutes": 5, "summary": ""}], "notes": []}, "has minutes"),
    ({"result": [], "delta": {"delete": [{"table": "manuals", "key": "B-01"}]}, "notes": []}, "may not change manuals"),
]


@pytest.mark.parametrize(("said", "problem"), BAD)
async def test_an_answer_that_does_not_fit_is_asked_again_once_with_the_problem(said: Any, problem: str) -> None:
    made, model = scenario(), ScriptedModel(said, found)
    environment = await opened(model, made)
    outcome = await environment.call(search("B-01"))
    assert outcome.ok and outcome.simulation is not None and problem in (outcome.simulation.repaired or "")
    assert problem in model.requests[1].messages[-1]["content"]
    assert outcome.simulation.usage["cost"] == 14


async def test_two_answers_that_do_not_fit_are_a_tool_error_and_change_nothing() -> None:
    made = scenario()
    wrong = {
        "result": {"loan_id": a_loan(made)},
        "delta": {"update": [{"table": "loans", "key": "L-0", "set": {"note": "x"}}]},
        "notes": [],
    }
    environment = await opened(ScriptedModel(unusable(), wrong, noted), made)
    before = environment.digest
    outcome = await environment.call(ToolCall("c1", "leave_note", {"loan_id": a_loan(made), "text": "x"}))
    assert outcome.error is not None and outcome.error.code == "internal_error"
    assert outcome.simulation is not None and "L-0" in (outcome.simulation.problem or "")
    assert environment.digest == before and outcome.delta == []
    again = await environment.call(ToolCall("c2", "leave_note", {"loan_id": a_loan(made), "text": "x"}))
    assert again.ok


async def test_the_same_read_must_give_the_same_until_something_is_written() -> None:
    made = scenario()
    other = {"error": {"code": "nothing_found", "message": ""}, "notes": []}
    model = ScriptedModel(found, other, found, noted, other)
    environment = await opened(model, made)
    first = await environment.call(search("B-01", 1))
    second = await environment.call(search("B-01", 2))
    assert second.result == first.result
    assert second.simulation is not None and "gave" in (second.simulation.repaired or "")
    await environment.call(ToolCall("c3", "leave_note", {"loan_id": a_loan(made), "text": "x"}))
    assert (await environment.call(search("B-01", 4))).error is not None


async def test_a_thing_of_no_table_keeps_its_values() -> None:
    made = scenario()
    row = {name: first_manual(made)[name] for name in ("manual_id", "minutes", "summary")}

    def pages(page: int) -> dict[str, Any]:
        return {"result": [{**row, "page_id": "P7", "page": page}], "notes": []}

    model = ScriptedModel(pages(3), pages(4), pages(3))
    environment = await opened(model, made)
    await environment.call(search("charging", 1))
    outcome = await environment.call(search("charge", 2))
    assert outcome.result[0]["page"] == 3
    assert outcome.simulation is not None and "had page 3 before" in (outcome.simulation.repaired or "")


def test_a_new_row_takes_a_free_key_and_the_view_offers_them() -> None:
    made = scenario()
    world = EpisodeWorld(made, lambda release: MACHINE)
    item = next(key for key, row in MACHINE.world(made.worlds[0].seed).tables["items"].items() if not row.values["out"])
    call = ToolCall("c1", "borrow_item", {"member_id": "M-001", "item_id": item})
    view = world.view(call, everything=True)
    assert view is not None
    key = view.tables["loans"].free_keys[0]

    def lent(loan: str, **more: Any) -> Settled:
        row = {"loan_id": loan, "member_id": "M-001", "item_id": item, "due": "2026-01-01"}
        delta = {"insert": [{"table": "loans", "row": row}], **more}
        answer = {"result": {"loan_id": loan, "due": "2026-01-01"}, "delta": delta, "notes": []}
        return world.settle(call, answer, Simulation(), everything=True)

    assert key in lent("L-9").problem
    assert "its item is in" in lent(key).problem, "the invariants of the pack hold for simulators too"
    settled = lent(key, update=[{"table": "items", "key": item, "set": {"out": True}}])
    assert settled.outcome is not None and {change["table"] for change in settled.outcome.delta} == {"loans", "items"}


async def play(environment: SimulatedTools, calls: list[ToolCall]) -> list[CallRecord]:
    """The records as a log gives them back: through the payloads of its events."""
    records = []
    for call in calls:
        outcome = await environment.call(call)
        message = {"role": "agent", "text": "", "tool_calls": [{"id": call.id, "name": call.name, "arguments": call.arguments}]}
        events = [
            Event(seq=0, kind="message", turn=1, head="", payload=message, call_id=None),
            Event(seq=1, kind="tool_result", turn=1, head="", payload=result_payload(call, outcome), call_id=call.id),
        ]
        [record] = call_records(read_trajectory(events))
        assert record == CallRecord(call, outcome, was_executed(outcome))
        records.append(record)
    return records


def calls_of(made: Scenario) -> list[ToolCall]:
    return [search("B-01", 1), ToolCall("c2", "leave_note", {"loan_id": a_loan(made), "text": "Ring twice"}), search("B-02", 3)]


async def test_a_log_is_refolded_without_asking_again() -> None:
    made = scenario()
    environment = await opened(ScriptedModel(found, noted, found), made)
    records = await play(environment, calls_of(made))
    nobody = ScriptedModel()
    again = await opened(nobody, made, records)
    assert again.digest == environment.digest and nobody.requests == []
    verification = await worlds().verify(made, records)
    assert verification.digest == environment.digest
    assert [call.simulated for call in verification.calls] == [True, True, True] and all(call.same for call in verification.calls)


async def test_a_forged_change_is_noticed() -> None:
    made = scenario()
    environment = await opened(ScriptedModel(found, noted, found), made)
    records = await play(environment, calls_of(made))
    change = records[1].outcome.delta[0]
    forged = replace(records[1], outcome=replace(records[1].outcome, delta=[{**change, "before": {**change["before"], "note": "?"}}]))
    with pytest.raises(StateMismatch):
        await worlds().open(made, [records[0], forged, records[2]])
    verification = await worlds().verify(made, [records[0], forged, records[2]])
    assert [call.same for call in verification.calls] == [True, False, True]


async def test_notes_and_earlier_results_reach_the_next_question_also_after_a_crash() -> None:
    made = scenario()
    environment = await opened(ScriptedModel(found), made)
    records = await play(environment, [search("B-01")])
    model = ScriptedModel(found)
    again = await opened(model, made, records)
    await again.call(search("B-02", 2))
    document = asked(model.requests[0])
    assert document["notes"] == ["Searched."]
    assert [earlier["arguments"] for earlier in document["earlier"]] == [{"query": "B-01"}]


async def test_a_model_that_is_away_changes_nothing_and_passes_through() -> None:
    made = scenario()
    environment = await opened(ScriptedModel(Parked(300), found), made)
    before = environment.digest
    with pytest.raises(Parked):
        await environment.call(search("B-01"))
    assert environment.digest == before
    assert (await environment.call(search("B-01"))).ok


@pytest.mark.parametrize(("kind", "asks"), [("server_error", 0), ("stale_read", 1)])
async def test_faults_strike_simulated_tools_as_they_do_programs(kind: str, asks: int) -> None:
    made = replace(scenario(), faults=[PlannedFault("search_manuals", 0, kind)])
    model = ScriptedModel(found, found)
    environment = await opened(model, made)
    struck = await environment.call(search("B-01"))
    assert struck.fault == {"kind": kind, "took_place": False} and len(model.requests) == asks
    whole = await environment.call(search("B-01", 2))
    assert whole.ok and whole.fault is None and whole.result


async def test_arguments_that_do_not_fit_are_refused_without_asking() -> None:
    model = ScriptedModel()
    outcome = await (await opened(model)).call(ToolCall("c1", "search_manuals", {"words": "x"}))
    assert outcome.error is not None and outcome.error.code == "invalid_arguments"


async def test_without_a_simulator_the_call_says_so_and_scenarios_do_not_need_it() -> None:
    environment = await worlds().open(scenario())
    outcome = await environment.call(search("B-01"))
    assert outcome.error is not None and outcome.error.code == "unavailable"
    without = scenario(simulated=False)
    assert {"search_manuals", "leave_note"}.isdisjoint(tool.name for tool in without.tools)
    assert without.wishes[0].intent != "charge_time"


async def test_everything_may_be_simulated() -> None:
    made = scenario()
    row = {name: first_manual(made)[name] for name in ("manual_id", "minutes", "summary")}
    assert row
    member = next(iter(MACHINE.world(made.worlds[0].seed).tables["members"].values())).values

    def who(document: dict[str, Any]) -> dict[str, Any]:
        rows = document["tables"]["members"]["rows"]
        return {"result": next(row for row in rows if row["card"] == document["call"]["arguments"]["card"]), "notes": []}

    environment = await opened(ScriptedModel(who), made, everything=True)
    outcome = await environment.call(ToolCall("c1", "find_member", {"card": member["card"]}))
    assert outcome.result == member and outcome.simulation is not None


async def test_a_sandbox_that_dies_between_question_and_answer_loses_nothing() -> None:
    made = scenario()
    async with SandboxPool({manual_shed().digest: manual_shed()}.__getitem__) as pool:
        world = await pool.open(made)

        async def killed(document: dict[str, Any]) -> None:
            await pool._sandboxes[0].close()

        class Killing(ScriptedModel):
            async def reply(self, request: Any, on_delta: Any = None) -> Any:
                await killed(asked(request))
                return await super().reply(request)

        environment = SimulatedTools(world, Simulator(Killing(noted, found), PROMPT))
        left = await environment.call(ToolCall("c1", "leave_note", {"loan_id": a_loan(made), "text": "x"}))
        assert left.ok and left.delta
        outcome: ToolOutcome = await environment.call(search("B-01", 2))
        assert outcome.ok
        local = await opened(ScriptedModel(noted, found), made)
        await local.call(ToolCall("c1", "leave_note", {"loan_id": a_loan(made), "text": "x"}))
        await local.call(search("B-01", 2))
        assert environment.digest == local.digest
