"""Scenarios that are played several times: planned together, generated once, cast alike for every agent."""

from collections import defaultdict
from typing import Any

import pytest
from django.utils import timezone

from synthesis.adapters.starter_files import agent_profiles, personas
from synthesis.models import Episode, EpisodeStatus, ModelEndpoint, RunPart
from synthesis.services.generation import Filled, claim_part, part_skip, store_batch
from synthesis.services.people import people_install
from synthesis.services.requeue import run_requeue
from synthesis.services.runs import RunError
from tests.builders_runs import LEASE, a_run, a_slice, install, queued

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    install()
    for slug in ("kimi", "moon"):
        ModelEndpoint.objects.create(slug=slug, base_url="http://127.0.0.1/v1", model="m", provider="other", purposes=["agent"])


def rows(run: Any) -> list[Episode]:
    return list(Episode.objects.filter(run=run).order_by("index"))


def test_plays_share_the_scenario_and_differ_in_cast_and_seed() -> None:
    run = a_run(12, plays=4)
    queued(run)
    by_scenario = defaultdict(list)
    for episode in rows(run):
        by_scenario[episode.scenario_id].append(episode)
    assert [[episode.index for episode in plays] for plays in by_scenario.values()] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    for plays in by_scenario.values():
        assert len({episode.seed for episode in plays}) == len({episode.cast["seed"] for episode in plays}) == 4
        assert {episode.status for episode in plays} == {EpisodeStatus.QUEUED}
    assert RunPart.objects.get(run=run).done


def test_the_first_play_is_that_of_a_run_that_plays_once() -> None:
    once, often = a_run(3), a_run(6, plays=2)
    queued(once)
    queued(often)
    assert [episode.variation for episode in rows(once)] == [episode.variation for episode in rows(often)[::2]]
    assert rows(once)[0].scenario_id == rows(often)[0].scenario_id
    assert (rows(once)[1].seed, rows(once)[1].cast) == (rows(often)[1].seed, rows(often)[1].cast)


def test_rivals_meet_the_same_users_with_the_same_seeds() -> None:
    run = a_run(12, plays=2, rivals=["model:kimi", "model:moon", "scripted"])
    assert run.agents == ["model:kimi", "model:moon", "scripted"], "models first, each once"
    first = rows(run)[:6]
    assert [episode.cast["seats"]["agent"] for episode in first] == ["model:kimi"] * 2 + ["model:moon"] * 2 + ["scripted"] * 2
    drawn = [(episode.seed, episode.cast["seed"], episode.cast["persona"], episode.cast["agent"]) for episode in first]
    assert drawn[:2] == drawn[2:4] == drawn[4:] and drawn[0] != drawn[1]


def test_profiles_are_compared_as_they_stand_by_the_scripted_agent() -> None:
    people_install(personas=personas(), profiles=agent_profiles())
    run = a_run(9, rivals=["profile:steady_clerk", "profile:first_line"])
    played = rows(run)[:3]
    assert [episode.agent for episode in played[1:]] == ["steady_clerk", "first_line"]
    assert [[member["slug"] for member in episode.cast["team"]] for episode in played] == [[], [], ["back_office"]]
    assert {episode.cast["seats"]["agent"] for episode in played} == {"scripted"}
    assert len({(episode.seed, episode.cast["persona"]["slug"]) for episode in played}) == 1


@pytest.mark.parametrize(
    ("arguments", "place", "problem"),
    [
        ({"plays": 0}, "--plays", "0 is not a number of plays"),
        ({"plays": 65}, "--plays", "65 is not"),
        ({"plays": 4}, "--episodes", "6 is no multiple of 4.*Give 4 or 8"),
        ({"plays": 7}, "--episodes", "Give 7[.]"),
        ({"plays": 2, "rivals": ["model:kimi"]}, "--episodes", "6 is no multiple of 4"),
        ({"rivals": ["model:gone"]}, "--agent", "no endpoint 'gone'"),
        ({"rivals": ["profile:nobody"]}, "--agent-seats", "no active profile that may begin is called 'nobody'"),
        ({"rivals": ["profile:back_office"]}, "--agent-seats", "'back_office'"),
        ({"rivals": ["model:kimi"], "slip_rate": 0.5}, "--slips", "a model makes mistakes of its own"),
    ],
)
def test_what_cannot_be_played(arguments: dict[str, Any], place: str, problem: str) -> None:
    people_install(personas=personas(), profiles=agent_profiles())
    with pytest.raises(RunError, match=problem) as caught:
        a_run(6, **arguments)
    assert caught.value.place == place


def test_what_comes_of_a_scenario_holds_for_all_its_plays() -> None:
    run = a_run(4, plays=2)
    part = claim_part(run_id=run.pk, holder=a_slice(run), size=1, lease=LEASE, now=timezone.now())
    assert part is not None and [planned.index for planned in part.batch] == [0] and not part.last
    assert store_batch(claim=part, filled=[Filled(part.batch[0], None, {"nothing fits": 3})])
    part = claim_part(run_id=run.pk, holder=part.holder, size=5, lease=LEASE, now=timezone.now())
    assert part is not None and [planned.index for planned in part.batch] == [2] and part.last
    part_skip(claim=part, detail="it broke")
    assert [episode.status for episode in rows(run)] == ["unfilled", "unfilled", "failed", "failed"]
    assert run_requeue(run_id=run.pk) == 4
    queued(run)
    scenarios = [episode.scenario_id for episode in rows(run)]
    assert scenarios[0] == scenarios[1] != scenarios[2] == scenarios[3]
