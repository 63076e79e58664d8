"""Scenarios: same request same bytes, solvable, discriminating, and each variation what it says."""

from datetime import date

import msgspec
import pytest

from synthesis.engine.scenarios.generate import GenerateRequest, generate
from synthesis.engine.scenarios.gold import Unfit
from synthesis.engine.scenarios.scenario import VARIATIONS, Scenario, Wish
from synthesis.engine.scenarios.variations import DERIVE
from synthesis.engine.world.changes import RowChange
from tests.worlds import machine, no_sibling, reply, scenario

HERE = [v for v in VARIATIONS if v != "similar_tools"]


def test_every_variation_has_a_derivation() -> None:
    assert set(DERIVE) == set(VARIATIONS)


@pytest.mark.parametrize("variation", HERE)
def test_the_same_request_gives_the_same_bytes(variation: str) -> None:
    first = msgspec.json.encode(reply(variation, 3))
    assert msgspec.json.encode(reply(variation, 3, on=machine(fresh=True))) == first
    assert msgspec.json.encode(reply(variation, 4).scenario) != msgspec.json.encode(reply(variation, 3).scenario)


@pytest.mark.parametrize("variation", HERE)
@pytest.mark.parametrize("seed", range(5))
def test_a_scenario_survives_json(variation: str, seed: int) -> None:
    made = scenario(variation, seed)
    assert msgspec.json.decode(msgspec.json.encode(made), type=Scenario) == made


def wish_of(variation: str, seed: int, intent: str | None = None) -> Wish:
    return scenario(variation, seed, intent=intent).wishes[0]


@pytest.mark.parametrize("seed", range(8))
def test_plain_withholds_nothing_and_changes_what_its_writes_change(seed: int) -> None:
    made = scenario("plain", seed)
    wish = made.wishes[0]
    assert wish.withheld == [] and wish.refusal is None and wish.wrong is None
    assert bool(made.expected) == any(step.effect == "write" for step in wish.steps)
    assert {key for step in wish.steps for key in step.needs} <= {fact.key for fact in wish.facts}


@pytest.mark.parametrize("seed", range(8))
def test_gradual_withholds_what_steps_need(seed: int) -> None:
    wish = wish_of("gradual", seed)
    assert wish.withheld
    assert set(wish.withheld) <= {key for step in wish.steps for key in step.needs}


@pytest.mark.parametrize("seed", range(12))
def test_a_wrong_value_is_refused_by_the_schema_or_by_the_tool(seed: int) -> None:
    made = scenario("wrong_value", seed)
    wrong = made.wishes[0].wrong
    assert wrong is not None
    tool = machine().pack.tools[made.wishes[0].steps[wrong.step].tool]
    assert (machine().schema_error(tool, wrong.args) is not None) == wrong.malformed
    if not wrong.malformed:
        outcome = machine().call(machine().state(made.worlds[0].seed), tool.name, wrong.args)
        assert outcome.error is not None and outcome.error.code == wrong.error
    assert wrong.value not in [fact.value for fact in made.wishes[0].facts]


@pytest.mark.parametrize("seed", range(8))
def test_no_fitting_tool_offers_nothing_that_writes_those_tables(seed: int) -> None:
    made = scenario("no_fitting_tool", seed)
    offered = {tool.name for tool in made.tools}
    refusal = made.wishes[0].refusal
    assert refusal is not None and refusal.kind == "no_tool" and refusal.blocked_tool not in offered
    assert made.expected == [] and not made.answerable


@pytest.mark.parametrize("seed", range(10))
def test_forbidden_names_the_rule_and_changes_nothing(seed: int) -> None:
    made = scenario("forbidden", seed)
    refusal = made.wishes[0].refusal
    assert refusal is not None and refusal.rule in (3, 4)
    assert made.expected == []
    assert all(step.effect == "read" for step in made.wishes[0].steps)


@pytest.mark.parametrize("seed", range(10))
def test_a_changed_mind_ends_in_the_latest_wish(seed: int) -> None:
    made = scenario("changed_mind", seed)
    wish = made.wishes[0]
    assert wish.change is not None and wish.change.facts
    changed = [c for c in made.expected if c.table == "loans" and c.after and c.after["status"] == "open"]
    if wish.intent == "extend":
        assert wish.change.when == "before", "a loan that was extended cannot be extended again"
        assert _days(changed[0]) == wish.change.facts["days"]
    else:
        assert [c.after["item_id"] for c in changed if c.after] == [wish.change.bindings["item"]["item_id"]]


def _days(change: RowChange) -> int:
    assert change.before is not None and change.after is not None
    return (date.fromisoformat(change.after["due"]) - date.fromisoformat(change.before["due"])).days


@pytest.mark.parametrize("seed", range(6))
def test_later_wishes_are_of_the_same_person_and_reuse_what_is_known(seed: int) -> None:
    made = scenario("long_haul", seed)
    assert 3 <= len(made.wishes) <= 6
    assert len({w.bindings["member"]["member_id"] for w in made.wishes}) == 1
    assert all(w.steps[0].known for w in made.wishes[1:])
    assert not made.wishes[0].steps[0].known


@pytest.mark.parametrize("seed", range(6))
def test_several_at_once_has_two_or_more_independent_things(seed: int) -> None:
    made = scenario("several_at_once", seed)
    assert made.at_once
    assert len(made.wishes) >= 2 or sum(step.each for step in made.wishes[0].steps) >= 2


@pytest.mark.parametrize("seed", range(6))
def test_a_preference_hides_the_fact_and_asks_for_none_of_it(seed: int) -> None:
    wish = wish_of("preference", seed)
    assert wish.hides == ["tag"]
    assert all("tag" not in step.needs for step in wish.steps)


@pytest.mark.parametrize("seed", range(6))
def test_an_ambiguous_record_lists_more_than_one_and_withholds_what_settles_it(seed: int) -> None:
    wish = wish_of("ambiguous_record", seed)
    assert wish.choice is not None and len(wish.choice.rows) > 1
    assert wish.withheld == [wish.choice.key]


@pytest.mark.parametrize("seed", range(10))
def test_faults_strike_calls_of_the_gold_path(seed: int) -> None:
    made = scenario("faulty_tools", seed)
    assert made.faults
    assert {fault.tool for fault in made.faults} <= {step.tool for step in made.wishes[0].steps}


def test_digests_already_used_are_avoided() -> None:
    first = scenario("plain", 1)
    request = GenerateRequest(machine().pack.digest, "plain", 1, list(range(1, 9)), avoid=[first.digest])
    other = generate(request, machine(), no_sibling)
    assert other.scenario is not None and other.scenario.digest != first.digest
    assert other.reasons.get("already used") == 1


def test_a_request_that_cannot_be_met_says_why() -> None:
    found = reply("preference", 1, intent="settle")
    assert found.scenario is None
    assert found.reasons == {"no intent supports this": found.tries}


def test_unfit_carries_reason_and_detail() -> None:
    assert str(Unfit("gold fails", "x gave y")) == "gold fails: x gave y"
