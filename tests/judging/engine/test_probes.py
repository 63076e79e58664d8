"""The lot of probes: the shares that were asked for, the same every time, unknown without the key."""

from hypothesis import given
from hypothesis import strategies as st

from judging.engine.probes import lot_of, pick, probe_of


def test_the_shares_come_out() -> None:
    kinds = [probe_of(lot_of(b"key", 1, 2, last), 0.05, 0.03) for last in range(20_000)]
    assert 900 < kinds.count("gold") < 1100
    assert 520 < kinds.count("repeat") < 680


def test_another_key_gives_other_lots() -> None:
    lots = {key: [lot_of(key, 1, 2, last) for last in range(50)] for key in (b"a", b"b")}
    assert lots[b"a"] != lots[b"b"]
    assert lots[b"a"] == [lot_of(b"a", 1, 2, last) for last in range(50)]


@given(st.integers(0, 10**9), st.integers(1, 500))
def test_a_candidate_is_always_one_of_them(last: int, number: int) -> None:
    assert 0 <= pick(lot_of(b"k", last), number) < number


def test_small_lots_choose_among_all_candidates() -> None:
    lots = [lot for last in range(20_000) if (lot := lot_of(b"k", last)) < 0.05]
    assert {pick(lot, 10) for lot in lots} == set(range(10))
