"""Damage of every kind, by playing again and by surgery: it really happened, and the checks name it."""

import asyncio
from collections import Counter
from functools import cache

import pytest

from judging.engine.assessment import Assessment, FinishedEpisode
from judging.engine.mutation.mutate import Method, Mutant, Mutator
from judging.engine.mutation.script import perform, script_of
from judging.engine.mutation.subject import Subject
from judging.engine.slips import caught
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from synthesis.engine.participants.cast import SLIPS
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.scenario import VARIATIONS
from tests.judging.engine.test_scripted import DOMAINS, Played, assessor, packs, played, worlds


@cache
def subjects() -> list[tuple[Subject, Played]]:
    """Two plays of every variation in both domains."""

    async def all_of_them() -> list[Played | None]:
        return [await played(domain, variation, seed) for domain in DOMAINS for variation in VARIATIONS for seed in (3, 4)]

    plays = [one for one in asyncio.run(all_of_them()) if one is not None]
    return [(Subject(i, p.scenario, p.cast, 3 if i % 2 else 4, p.events), p) for i, p in enumerate(plays)]


def seed_of(play: Played) -> int:
    return next(seed for seed in (3, 4) if play.assessment.episode == seed)


@cache
def mutants(method: Method) -> list[tuple[Subject, Mutant, Assessment]]:
    plays = subjects()

    async def all_of_them() -> list[tuple[Subject, Mutant, Assessment]]:
        mutator, found = Mutator(worlds(), packs(), starter_wording()), []
        for subject, play in plays:
            seeded = Subject(subject.episode, subject.scenario, subject.cast, seed_of(play), subject.events)
            for mutant in await mutator.mutants(seeded, method):
                item = FinishedEpisode(mutant.episode, subject.scenario, mutant.events)
                found.append((seeded, mutant, await assessor().assess(item, worlds(), packs())))
        return found

    return asyncio.run(all_of_them())


def test_an_unchanged_script_gives_its_own_log_again() -> None:
    async def again(subject: Subject) -> None:
        environment = await worlds().open(subject.scenario)
        assert await perform(script_of(subject.events), environment) == subject.events

    for subject, _ in subjects():
        asyncio.run(again(subject))


@pytest.mark.parametrize("method", ["replay", "surgery"])
def test_there_is_damage_of_every_kind(method: Method) -> None:
    counts = Counter(mutant.kind for _, mutant, _ in mutants(method))
    assert set(counts) == set(SLIPS)
    assert all(mutant.note for _, mutant, _ in mutants(method))


@pytest.mark.parametrize("method", ["replay", "surgery"])
def test_every_result_in_a_damaged_log_is_real(method: Method) -> None:
    async def check(subject: Subject, mutant: Mutant) -> None:
        trajectory = read_trajectory(mutant.events)
        assert trajectory.problems == []
        verification = await worlds().verify(subject.scenario, call_records(trajectory))
        assert all(call.same for call in verification.calls)
        assert mutant.events != subject.events

    for subject, mutant, _ in mutants(method):
        asyncio.run(check(subject, mutant))


@pytest.mark.parametrize("method", ["replay", "surgery"])
def test_the_checks_find_the_damage(method: Method) -> None:
    """The programmatic judge passes what is whole and finds all but one in a hundred of what is damaged, for its reason."""
    assert [p.assessment.judged.failure for _, p in subjects() if not p.assessment.judged.passed] == []
    found = mutants(method)
    missed = [f"{m.kind}: {m.note}" for _, m, a in found if a.judged.passed]
    other = [f"{m.kind}: {m.note}: {a.judged.failure}" for _, m, a in found if not caught(m.kind, a.judged.results)]
    print(method, len(found), Counter(m.kind for _, m, _ in found), "missed", missed, "for another reason", other)
    assert len(missed) <= len(found) // 100
    assert len(other) <= len(found) // 20


def test_a_copy_answered_by_a_model_is_left_alone() -> None:
    subject, _ = subjects()[0]
    cast = type(subject.cast)(subject.cast.persona, subject.cast.agent, {"tools": "model:some"}, subject.cast.seed)
    asked = Subject(1, subject.scenario, cast, 3, subject.events)
    assert asyncio.run(Mutator(worlds(), packs(), starter_wording()).mutants(asked)) == []


def test_only_plays_of_programs_are_played_again() -> None:
    subject, _ = subjects()[0]
    cast = type(subject.cast)(subject.cast.persona, subject.cast.agent, {"user": "scripted", "agent": "model:some"}, 0)
    assert subject.scripted
    assert not Subject(1, subject.scenario, cast, 3, subject.events).scripted
