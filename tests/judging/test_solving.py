"""What plays of one scenario come to: tallies by agent, scenarios of a band, difficulty after results, preference pairs."""

from collections import Counter

import pytest
from django.utils import timezone

from judging.engine.statistics.solving import BANDS, Tally, band_of
from judging.selectors.solving import solved_by_models, solved_in, tallies_of
from judging.services.pairs import pairs_find
from studio.pipelines.advance import advance
from studio.pipelines.recalibrating import recalibrate
from synthesis.models import Episode, Run, Scenario
from tests.builders_plays import an_endpoint, judge_plays, judged_plays
from tests.builders_runs import a_run, install, queued

pytestmark = pytest.mark.django_db


def scenario_at(run: Run, index: int) -> Scenario:
    return Scenario.objects.get(pk=Episode.objects.get(run=run, index=index).scenario_id)


def test_tallies_by_agent() -> None:
    run = judged_plays()
    assert run.agents == ["model:kimi", "scripted"]
    assert tallies_of(run) == [Counter({Tally(2, 1): 1, Tally(2, 0): 1}), Counter({Tally(2, 2): 1, Tally(1, 1): 1})]
    first = Episode.objects.get(run=run, index=0).pk
    assert tallies_of(run, without=[first])[0] == Counter({Tally(1, 0): 1, Tally(2, 0): 1})


def test_bands_hold_every_scenario_once() -> None:
    install()
    run = a_run(20, plays=4)
    queued(run)
    results = [index % 4 < solved for solved in range(5) for index in range(4)]
    judge_plays(run, results)
    found = {band: solved_in(run, 0, band) for band in BANDS}
    assert {band: [row.tally.solved for row in rows] for band, rows in found.items()} == {
        "never": [0], "seldom": [1], "often": [2, 3], "always": [4],
    }  # fmt: skip
    assert all(band_of(row.tally) == band for band, rows in found.items() for row in rows)
    often = found["often"][0]
    assert [(index, passed) for _pk, index, passed in often.plays] == [(8, True), (9, True), (10, False), (11, False)]
    assert solved_in(run, 0, "often", after=often.first) == found["often"][1:]
    assert solved_in(run, 0, "often", limit=1) == found["often"][:1]


def test_results_of_models_recalibrate_difficulty() -> None:
    run = judged_plays()
    Scenario.objects.update(difficulty=1)
    digest = scenario_at(run, 4).digest
    assert solved_by_models([digest]) == {digest: Tally(2, 0)}, "what the script made of it does not count"
    assert recalibrate(run) == 2
    assert (scenario_at(run, 0).measured, scenario_at(run, 4).measured) == (2, 3)
    assert recalibrate(run) == 0, "nothing new"


def test_a_run_that_ends_recalibrates() -> None:
    run = judged_plays()
    assert advance(run_id=run.pk, workers_elsewhere=False) == "finished"
    assert scenario_at(run, 4).measured is not None


def test_scripts_and_repaired_plays_say_nothing_of_difficulty() -> None:
    install()
    an_endpoint()
    scripted, repaired = a_run(2, plays=2), a_run(2, plays=2, seats={"agent": "model:kimi"}, options={"repairs": 1})
    for run in (scripted, repaired):
        queued(run)
        judge_plays(run, [False, False])
        assert recalibrate(run) == 0
    assert not Scenario.objects.filter(measured__isnull=False).exists()


def test_pairs_are_found_among_plays() -> None:
    run = judged_plays()
    Episode.objects.filter(run=run, index=6).update(status="failed")
    assert pairs_find(run_id=run.pk, now=timezone.now()) >= 2
    assert pairs_find(run_id=run.pk, now=timezone.now()) == 0
