"""States: overlays, rollback, constraints, deltas."""

from collections.abc import Callable

import pytest

from synthesis.engine.world.machine import Machine
from synthesis.engine.world.query import BadQuery
from synthesis.engine.world.state import BrokenConstraint, State
from tests.worlds import machine


@pytest.fixture
def state() -> State:
    return machine().state(1)


def test_a_write_leaves_the_base_world_alone(state: State) -> None:
    key = next(iter(state.base.tables["items"]))
    was = state.base.tables["items"][key].values["out"]
    state.update("items", key, {"out": not was})
    assert state.base.tables["items"][key].values["out"] is was
    assert machine().state(1).get("items", key).values["out"] is was  # type: ignore[union-attr]


def test_rollback_restores_rows_and_counters(state: State) -> None:
    digest = state.digest()
    key = next(iter(state.base.tables["members"]))
    state.begin()
    fresh = state.new_id("loans")
    state.insert("loans", {"loan_id": fresh, "member_id": key, "item_id": "I-001", "due": "2026-01-01"})
    state.delete("members", key)
    state.rollback()
    assert state.digest() == digest
    assert state.new_id("loans") == fresh


def test_net_delta_forgets_what_came_back(state: State) -> None:
    key, row = next(iter(state.base.tables["items"].items()))
    state.update("items", key, {"out": not row.values["out"]})
    assert [c.key for c in state.net_delta()] == [key]
    state.update("items", key, {"out": row.values["out"]})
    assert state.net_delta() == []


def test_call_delta_covers_one_call_only(state: State) -> None:
    first, second = list(state.base.tables["items"])[:2]
    state.begin()
    state.delete("items", first)
    state.begin()
    state.delete("items", second)
    assert [(c.key, c.after) for c in state.call_delta()] == [(second, None)]
    assert {c.key for c in state.net_delta()} == {first, second}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"loan_id": "L-9", "member_id": "M-001", "item_id": "I-001", "due": 7}, "loans.due"),
        ({"loan_id": "L-9", "member_id": "M-999", "item_id": "I-001", "due": "x"}, "members has no row"),
        ({"loan_id": "L-9", "member_id": "M-001", "item_id": "I-001", "due": "x", "colour": "red"}, "no column colour"),
        ({"loan_id": "L-0001", "member_id": "M-001", "item_id": "I-001", "due": "x"}, "is taken"),
        ({"loan_id": 5, "member_id": "M-001", "item_id": "I-001", "due": "x"}, "not text"),
    ],
)
def test_an_insert_that_breaks_a_constraint_says_which(state: State, row: dict[str, object], words: str) -> None:
    with pytest.raises(BrokenConstraint, match=words):
        state.insert("loans", row)
    assert state.net_delta() == []


def test_a_unique_column_stays_unique(state: State) -> None:
    a, b = list(state.base.tables["members"].values())[:2]
    with pytest.raises(BrokenConstraint, match="card must be unique"):
        state.update("members", b.values["member_id"], {"card": a.values["card"]})
    state.update("members", a.values["member_id"], {"card": a.values["card"]})


def test_find_sees_writes_and_keeps_key_order(state: State) -> None:
    before = [r.values["item_id"] for r in state.find("items", {"kind": "drill"})]
    state.update("items", before[0], {"kind": "saw"})
    other = next(r.values["item_id"] for r in state.find("items", {"kind": "ladder"}))
    state.update("items", other, {"kind": "drill"})
    after = [r.values["item_id"] for r in state.find("items", {"kind": "drill"})]
    assert after == sorted([*before[1:], other])


@pytest.mark.parametrize("operator", ["lt", "le", "gt", "ge", "ne", "in", "like"])
def test_operators_agree_with_python(state: State, operator: str) -> None:
    pivot = "2026-06-01"
    dues: list[str] = [r.values["due"] for r in state.find("loans", {})]
    tests: dict[str, Callable[[str], bool]] = {
        "lt": lambda v: v < pivot,
        "le": lambda v: v <= pivot,
        "gt": lambda v: v > pivot,
        "ge": lambda v: v >= pivot,
        "ne": lambda v: v != pivot,
        "in": lambda v: v in ("2026-06-01", dues[0]),
        "like": lambda v: dues[0][:7] in v,
    }
    value: object = {"in": ["2026-06-01", dues[0]], "like": dues[0][:7]}.get(operator, pivot)
    found = [r.values["due"] for r in state.find("loans", {f"due__{operator}": value})]
    assert found == [d for d in dues if tests[operator](d)]


@pytest.mark.parametrize(
    ("where", "words"),
    [({"colour": 1}, "no column colour"), ({"due__near": 1}, "unknown operator"), ({"due__lt": 1}, "cannot be compared")],
)
def test_a_bad_query_says_what_is_wrong(state: State, where: dict[str, object], words: str) -> None:
    with pytest.raises(BadQuery, match=words):
        state.find("loans", where)


def test_true_is_not_one(state: State) -> None:
    assert state.find("items", {"out": 1}) == []
    assert state.find("items", {"out": True})


def test_worlds_are_the_same_for_the_same_seed_and_differ_for_others() -> None:
    again: Machine = machine(fresh=True)
    assert again.world(1).digest == machine().world(1).digest
    assert again.world(2).digest != machine().world(1).digest
