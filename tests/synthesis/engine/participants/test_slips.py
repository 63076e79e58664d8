"""Planning slips and getting values wrong."""

import random
from typing import Any

import pytest

from synthesis.engine.language.values import mentions
from synthesis.engine.participants.cast import SLIPS
from synthesis.engine.participants.slips import invented, other_record, plan_slip, wrong_value
from synthesis.engine.scenarios.scenario import VARIATIONS
from tests.packs import tool_shed
from tests.worlds import scenario


@pytest.mark.parametrize("kind", SLIPS)
@pytest.mark.parametrize("variation", [v for v in VARIATIONS if v != "similar_tools"])
def test_a_plan_always_comes_out_the_same_way_and_fits(variation: str, kind: str) -> None:
    task = scenario(variation, 4)
    plan = plan_slip(task, tool_shed(), kind, 9)
    assert plan == plan_slip(task, tool_shed(), kind, 9)
    wish = task.wishes[plan.wish]
    if plan.kind in {"wrong_argument", "wrong_record"}:
        assert plan.parameter in wish.steps[plan.step].args
    if plan.kind == "unconfirmed_write":
        assert any(step.confirm for step in wish.steps)
    if plan.kind == "ignored_error":
        assert task.faults or any(w.wrong for w in task.wishes)
    if plan.kind == "policy_broken" and wish.refusal:
        assert wish.refusal.kind == "policy"


def test_what_fits_is_not_replaced() -> None:
    assert plan_slip(scenario("plain", 1), tool_shed(), "premature_end", 1).kind == "premature_end"
    assert plan_slip(scenario("no_fitting_tool", 1), tool_shed(), "unconfirmed_write", 1).kind == "premature_end"


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="yawning"):
        plan_slip(scenario("plain", 1), tool_shed(), "yawning", 1)


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (True, {}),
        ("card", {"enum": ["card", "cash"]}),
        (3, {"minimum": 1, "maximum": 5}),
        (50000, {}),
        ("2026-03-05", {}),
        ("2026-03-05T14:00", {}),
        ("555-0123", {"pattern": "^555-[0-9]{4}$"}),
    ],
)
def test_a_wrong_value_is_another_one_of_the_same_kind(value: Any, schema: dict[str, Any]) -> None:
    for seed in range(8):
        wrong = wrong_value(value, schema, random.Random(seed))
        assert wrong != value
        assert type(wrong) is type(value)
        if "enum" in schema:
            assert wrong in schema["enum"]


def test_where_no_wrong_value_fits_there_is_none() -> None:
    assert wrong_value("card", {"enum": ["card"]}, random.Random(1)) is None
    assert wrong_value("whatever", {}, random.Random(1)) is None
    assert wrong_value(3, {"minimum": 3, "maximum": 3}, random.Random(1)) is None


@pytest.mark.parametrize(
    ("value", "kind"),
    [(1250, "money"), (140, "number"), ("2026-03-05", "date"), ("2026-03-05T14:00", "datetime"), ("14:00", "time"), ("O-0007", "id")],
)
def test_an_invented_value_would_not_pass_for_the_true_one(value: Any, kind: str) -> None:
    false = invented(value, kind, random.Random(3))
    assert false != value
    assert not mentions(str(false), value, kind)


def test_another_record_is_one_that_was_seen() -> None:
    results = [{"visits": [{"id": "V-0001", "pet": "P-0001"}, {"id": "V-0002"}]}, {"partial": True, "items": [{"id": "V-0009"}]}]
    assert other_record("V-0001", results, random.Random(1)) == "V-0002"
    assert other_record("X-12", results, random.Random(1)) != "X-12"
