"""Which episodes go to people: exact probabilities, a random share of passes whatever happens, the same draw every time."""

from hypothesis import given
from hypothesis import strategies as st

from judging.engine.routing import QUOTA, RANDOM_SHARE, Played, Shares, block_size, choose, expected

SHARES = Shares(fails=1.0, passes=0.1, most=60)


def block(fails: int, passes: int) -> list[Played]:
    return [Played(n, n < fails, f"7|{n}|x") for n in range(fails + passes)]


def test_all_fails_and_a_share_of_passes() -> None:
    chosen = choose(block(3, 17), SHARES, "q")
    assert sorted(choice.stratum for choice in chosen) == ["fail"] * 3 + ["pass"] * 2
    assert {choice.probability for choice in chosen if choice.stratum == "fail"} == {1.0}
    assert {choice.probability for choice in chosen if choice.stratum == "pass"} == {2 / 17}


def test_the_same_block_gives_the_same_choice_in_any_order_and_another_queue_another() -> None:
    items = block(4, 60)
    chosen = choose(items, SHARES, "q")
    assert choose(list(reversed(items)), SHARES, "q") == chosen
    assert choose(items, SHARES, "other") != chosen


def test_who_comes_first_tells_nothing_of_the_verdict() -> None:
    chosen = choose(block(200, 200), Shares(1, 1, 1000), "q")
    assert len({choice.lot for choice in chosen}) > 10


@given(st.integers(0, 80), st.integers(0, 80), st.floats(0, 1), st.floats(0, 1), st.integers(1, 200))
def test_passes_are_always_among_them_and_the_quota_holds(fails: int, passes: int, fail_share: float, pass_share: float, most: int) -> None:
    chosen = choose(block(fails, passes), Shares(fail_share, pass_share, most), "q")
    assert len(chosen) <= min(QUOTA, most)
    assert len({choice.episode for choice in chosen}) == len(chosen)
    assert all(0 < choice.probability <= 1 for choice in chosen)
    sent = sum(choice.stratum == "pass" for choice in chosen)
    assert sent >= min(passes, RANDOM_SHARE * len(chosen) - 1e-9)


@given(st.integers(1, 20_000), st.integers(1, 1000), st.floats(0, 1))
def test_a_run_sends_no_more_than_it_may(episodes: int, most: int, fail_rate: float) -> None:
    size = block_size(episodes, most)
    assert QUOTA * (episodes / size) <= most + QUOTA
    assert expected(episodes, fail_rate, Shares(1, 1, most)) <= max(most, QUOTA) + 1
