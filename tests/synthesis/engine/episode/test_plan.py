"""The plan of a run: even, complete, and the same for the same seed."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.engine.episode.plan import LEAST_WORLDS, episode_seed, missing_variations, plan, world_seeds
from synthesis.engine.scenarios.scenario import VARIATIONS

ALL = set(VARIATIONS)


def test_every_domain_and_variation_is_used_evenly() -> None:
    slots = plan(7, 1300, {f"d{i}": ALL for i in range(10)})
    assert [slot.index for slot in slots] == list(range(1300))
    assert set(Counter(slot.domain for slot in slots).values()) == {130}
    assert set(Counter(slot.variation for slot in slots).values()) == {100}
    pairs = Counter((slot.domain, slot.variation) for slot in slots)
    assert max(pairs.values()) - min(pairs.values()) <= 2


def test_thirteen_episodes_show_all_thirteen_variations_even_if_one_domain_alone_supports_some() -> None:
    available = {f"d{i}": {"plain", "gradual"} for i in range(11)} | {"rich": ALL}
    slots = plan(3, 13, available)
    assert {slot.variation for slot in slots} == ALL
    assert all(slot.variation in available[slot.domain] for slot in slots)


def test_only_what_was_asked_for_is_planned() -> None:
    slots = plan(1, 40, {"a": ALL, "b": {"plain"}}, ["forbidden", "plain"])
    assert {slot.variation for slot in slots} == {"forbidden", "plain"}
    assert {slot.variation for slot in slots if slot.domain == "b"} == {"plain"}


def test_the_plan_depends_on_the_seed_alone() -> None:
    available = {"a": ALL, "b": ALL}
    assert plan(5, 100, available) == plan(5, 100, dict(reversed(available.items())))
    assert plan(5, 100, available) != plan(6, 100, available)


def test_episode_seeds_fit_a_database_and_differ() -> None:
    seeds = {episode_seed(seed, index) for seed in (-1, 0, 1, 2**62) for index in range(500)}
    assert len(seeds) == 2000 and all(0 <= seed < 2**63 for seed in seeds)


def test_nothing_to_plan_is_said() -> None:
    with pytest.raises(ValueError, match="none of these domains"):
        plan(1, 5, {"a": {"plain"}}, ["forbidden"])
    assert missing_variations({"a": {"plain"}}, ["plain", "forbidden"]) == ["forbidden"]


def test_a_small_run_draws_from_few_worlds_and_a_large_one_from_all() -> None:
    audited = list(range(1, 26))
    assert len(world_seeds(7, "a", 1, audited)) == LEAST_WORLDS
    assert len(world_seeds(7, "a", 83, audited)) == 6
    assert world_seeds(7, "a", 5000, audited) == audited
    assert world_seeds(7, "a", 83, audited) == world_seeds(7, "a", 83, audited[::-1])
    assert world_seeds(7, "a", 83, audited) != world_seeds(7, "b", 83, audited)
    assert world_seeds(7, "a", 83, [4]) == [4]


@given(
    st.integers(),
    st.integers(min_value=1, max_value=80),
    st.dictionaries(st.sampled_from("abcdef"), st.sets(st.sampled_from(VARIATIONS), min_size=1), min_size=1),
)
def test_any_plan_is_dense_supported_and_fair(seed: int, episodes: int, available: dict[str, set[str]]) -> None:
    slots = plan(seed, episodes, available)
    assert [slot.index for slot in slots] == list(range(episodes))
    assert all(slot.variation in available[slot.domain] for slot in slots)
    supported = set().union(*available.values())
    assert len({slot.variation for slot in slots}) == min(episodes, len(supported))
