"""Casting: determinism, variety, slips, and the system prompt."""

import random

import pytest

from synthesis.adapters.starter_files import agent_profiles, personas
from synthesis.engine.participants.cast import SLIPS
from synthesis.engine.participants.factory import AgentFactory, sample_cast, system_prompt
from tests.builders_participants import PERSONAS, PROFILES
from tests.packs import tool_shed


def test_a_cast_is_a_function_of_seed_and_index() -> None:
    assert sample_cast(3, 7, PERSONAS, PROFILES, 0.5) == sample_cast(3, 7, PERSONAS, PROFILES, 0.5)
    casts = [sample_cast(3, i, PERSONAS, PROFILES, 0.0)[0] for i in range(60)]
    assert {c.persona.slug for c in casts} == {p.slug for p in PERSONAS}
    assert len({c.seed for c in casts}) == 60


def test_the_slip_rate_is_kept_and_every_kind_occurs() -> None:
    slips = [sample_cast(1, i, PERSONAS, PROFILES, 0.3)[1] for i in range(1500)]
    share = sum(slip is not None for slip in slips) / len(slips)
    assert 0.26 < share < 0.34
    assert {slip for slip in slips if slip} == set(SLIPS)
    assert all(sample_cast(1, i, PERSONAS, PROFILES, 0.0)[1] is None for i in range(50))


def test_thousands_of_distinct_agents() -> None:
    factory = AgentFactory(agent_profiles())
    agents = [factory.sample(random.Random(i)) for i in range(6000)]
    by_slug = {agent.slug: agent for agent in agents}
    assert len(by_slug) > 2000
    assert all(by_slug[agent.slug] == agent for agent in agents)
    assert factory.sample(random.Random(5)) == agents[5]
    for agent in agents:
        assert agent.asks == "one_by_one" or "Ask for one thing at a time." not in agent.rules
        assert agent.parallel or "Do independent look-ups together." not in agent.rules


def test_the_starter_catalogue_is_varied() -> None:
    people = personas()
    assert len(people) >= 32
    assert sum(p.language == "ko" for p in people) >= 12
    assert {p.mood for p in people} == {"friendly", "neutral", "hurried", "grumpy", "anxious"}
    assert {(p.language, p.brevity) for p in people} == {(lang, b) for lang in ("en", "ko") for b in ("terse", "normal", "chatty")}
    assert len({p.slug for p in people}) == len(people)
    assert len(agent_profiles()) >= 16


def test_the_system_prompt_holds_policy_behaviour_time_and_language() -> None:
    profile = AgentFactory(PROFILES).sample(random.Random(2))
    prompt = system_prompt(profile, tool_shed(), "ko", "2026-03-05T14:00")
    for i, rule in enumerate(tool_shed().policy, 1):
        assert f"{i}. {rule.rule}" in prompt
    assert all(rule in prompt for rule in profile.rules)
    assert "Thursday, 2026-03-05, 14:00" in prompt
    assert prompt.startswith(tool_shed().agent.strip())
    assert "Korean" in prompt


def test_nobody_to_cast_is_an_error() -> None:
    with pytest.raises(ValueError, match="persona"):
        sample_cast(1, 1, [], PROFILES, 0.0)
    with pytest.raises(ValueError, match="profile"):
        sample_cast(1, 1, PERSONAS, [], 0.0)
