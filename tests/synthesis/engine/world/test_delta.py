"""Net deltas: merging, and equality up to the names of fresh rows."""

from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.delta import Comparison, net, plain_text
from tests.packs import tool_shed

COMPARE = Comparison({"tool_shed": tool_shed()}, "tool_shed")


def loan(key: str, **values: object) -> RowChange:
    row = {
        "loan_id": key,
        "member_id": "M-001",
        "item_id": "I-001",
        "due": "2026-05-01",
        "status": "open",
        "extended": False,
        "fee": 0,
        "paid": False,
        "note": "",
    }
    return RowChange("loans", key, None, {**row, **values})


def test_net_merges_and_drops_what_came_back() -> None:
    a = {"item_id": "I-001", "out": False}
    b = {"item_id": "I-001", "out": True}
    changes = [RowChange("items", "I-001", a, b), RowChange("items", "I-001", b, a), RowChange("items", "I-002", None, a)]
    assert [c.key for c in net(changes)] == ["I-002"]


def test_fresh_keys_may_be_named_differently() -> None:
    assert COMPARE.differences([loan("L-0100"), loan("L-0101", item_id="I-002")], [loan("L-0100", item_id="I-002"), loan("L-0101")]) == []


def test_other_values_are_told_apart() -> None:
    differences = COMPARE.differences([loan("L-0100")], [loan("L-0100", due="2026-05-02")])
    assert len(differences) == 2
    assert differences[0].startswith("missing: new row in loans")
    assert differences[1].startswith("not expected: new row in loans")


def test_a_missing_and_an_extra_change_are_named() -> None:
    change = RowChange("items", "I-001", {"item_id": "I-001", "out": False}, {"item_id": "I-001", "out": True})
    assert COMPARE.differences([change], []) == ['missing: items I-001 changed to {"out":true}']
    assert COMPARE.differences([], [change]) == ['not expected: items I-001 changed to {"out":true}']


def test_ignored_columns_do_not_count() -> None:
    assert COMPARE.differences([loan("L-1", note="by phone")], [loan("L-1", note="called us")]) == []


def test_a_key_that_exists_already_is_not_renamed() -> None:
    before = {"item_id": "I-001", "out": False}
    after = {"item_id": "I-001", "out": True}
    other = RowChange("items", "I-002", {**before, "item_id": "I-002"}, {**after, "item_id": "I-002"})
    assert COMPARE.differences([RowChange("items", "I-001", before, after)], [other])


def test_plain_text_ignores_case_spacing_and_punctuation() -> None:
    assert plain_text("  Front-door,  PLEASE! ") == plain_text("front door please")
