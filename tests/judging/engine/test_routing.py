"""Which episodes go to people: exact probabilities, a random share of passes whatever happens, the same draw every time."""

from hypothesis import given
from hypothesis import strategies as st

from judging.engine.routing import QUOTA, RANDOM_SHARE, RULES, Played, Shares, block_size, choose, expected, stratum_of

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
    assert sum(expected(episodes, {"fail": fail_rate}, Shares(1, 1, most)).values()) <= max(most, QUOTA) + 4


def test_rules_take_what_they_look_for_before_the_rest() -> None:
    shares = Shares(1, 0.1, 60, disagree=1, unsure=0.5, release=1)
    items = [
        Played(1, True, "a", disagree=True),
        Played(2, True, "b"),
        Played(3, False, "c", unsure=True),
        Played(4, False, "d", release=True),
    ]
    assert [stratum_of(item, shares) for item in items] == list(RULES)
    off = Shares(1, 0.1, 60)
    assert [stratum_of(item, off) for item in items] == ["fail", "fail", "pass", "pass"], "a rule that is off hides nothing from the draw"


def test_each_stratum_has_its_probability() -> None:
    items = [Played(n, False, f"{n}", unsure=n < 4, release=4 <= n < 6) for n in range(20)]
    chosen = choose(items, Shares(1, 0.5, 60, unsure=0.5, release=1), "q")
    assert {choice.stratum: choice.probability for choice in chosen} == {"unsure": 0.5, "release": 1.0, "pass": 0.5}


SHARE = st.floats(0, 1)


@given(
    st.lists(st.tuples(*[st.booleans()] * 4), max_size=80),
    SHARE,
    SHARE,
    SHARE,
    SHARE,
    SHARE,
    st.floats(RANDOM_SHARE, 1),
    st.integers(1, 90),
)
def test_the_random_stratum_always_remains(
    kinds: list[tuple[bool, ...]], fails: float, passes: float, disagree: float, unsure: float, release: float, random: float, most: int
) -> None:
    shares = Shares(fails, passes, most, disagree, unsure, release, random)
    items = [Played(n, kind[0], f"7|{n}", disagree=kind[1], unsure=kind[2], release=kind[3]) for n, kind in enumerate(kinds)]
    chosen = choose(items, shares, "q")
    others = sum(stratum_of(item, shares) == "pass" for item in items)
    sent = sum(choice.stratum == "pass" for choice in chosen)
    assert len(chosen) <= min(QUOTA, most)
    assert sent >= min(others, random * len(chosen) - 1e-9)
    assert all(0 < choice.probability <= 1 for choice in chosen)
    assert len({choice.episode for choice in chosen}) == len(chosen)
