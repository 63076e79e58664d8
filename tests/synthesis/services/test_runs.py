"""Runs: what a start writes, what it refuses, and how a run moves."""

from collections import Counter
from typing import Any

import pytest
from django.utils import timezone

from synthesis.adapters.starter_files import agent_profiles, personas
from synthesis.models import AgentProfile, Episode, EpisodeTruth, Run, RunPart
from synthesis.selectors import runs
from synthesis.services.people import people_install
from synthesis.services.runs import RunError, run_cancel, run_count, run_finish, run_pause, run_resume, run_start
from tests.builders_runs import a_run, install, starter_pack

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_a_start_writes_the_run_its_parts_its_episodes_and_the_truth_apart() -> None:
    install("vet_clinic", "retail_orders")
    run = run_start(seed=7, episodes=40, slip_rate=0.5, threshold=4.0)
    episodes = list(Episode.objects.filter(run=run).order_by("index"))
    assert [episode.index for episode in episodes] == list(range(40))
    assert {episode.status for episode in episodes} == {"planned"}
    assert Counter(episode.domain for episode in episodes) == {"vet_clinic": 20, "retail_orders": 20}
    assert run.releases == {slug: starter_pack(slug).digest for slug in ("retail_orders", "vet_clinic")}
    assert RunPart.objects.filter(run=run).count() == 2
    assert 5 < EpisodeTruth.objects.filter(episode__run=run).count() < 35
    assert all("slip" not in episode.cast for episode in episodes)
    assert run.limits["wall_seconds"] == 0


def test_the_same_seed_writes_the_same_episodes() -> None:
    install("vet_clinic", "retail_orders")

    def written(seed: int) -> list[Any]:
        run = run_start(seed=seed, episodes=30, slip_rate=0.3)
        rows = Episode.objects.filter(run=run).order_by("index").values_list("domain", "variation", "seed", "cast", "truth__planned_slip")
        return [*rows, *RunPart.objects.filter(run=run).order_by("release").values_list("seeds", flat=True)]

    assert written(7) == written(7) != written(8)


def test_teams_serve_the_share_that_was_asked_for_and_cast_the_others_as_ever() -> None:
    install("vet_clinic")
    people_install(personas=personas(), profiles=agent_profiles())

    def written(share: float) -> list[dict[str, Any]]:
        run = run_start(seed=3, episodes=200, options={"teams": share} if share else {})
        return list(Episode.objects.filter(run=run).order_by("index").values_list("cast", flat=True))

    alone, half, every = written(0), written(0.5), written(1)
    assert not any(cast["team"] or cast["agent"]["toolset"] for cast in alone) and all(cast["team"] for cast in every)
    assert 60 < sum(bool(cast["team"]) for cast in half) < 140
    assert all(one == other for one, other in zip(alone, half, strict=True) if not other["team"])
    assert {member["slug"] for cast in every for member in cast["team"]} == {"back_office", "cancellations_desk"}
    run = run_start(seed=3, episodes=4, agents=["first_line"])
    casts = Episode.objects.filter(run=run).values_list("cast", flat=True)
    assert [[member["slug"] for member in cast["team"]] for cast in casts] == [["back_office"]] * 4
    for share, agents in ((1.5, []), (0.5, ["steady_clerk"])):
        with pytest.raises(RunError, match="--teams"):
            run_start(seed=3, episodes=4, options={"teams": share}, agents=agents)


def test_a_large_run_is_written_in_chunks() -> None:
    install()
    run = a_run(2500)
    assert Episode.objects.filter(run=run).count() == 2500
    assert len(set(Episode.objects.filter(run=run).values_list("seed", flat=True))) == 2500


@pytest.mark.parametrize(
    ("arguments", "place", "says"),
    [
        ({"episodes": 0}, "--episodes", "from 1 to"),
        ({"episodes": -3}, "--episodes", "-3 is not a number of episodes"),
        ({"episodes": 10**9}, "--episodes", "from 1 to 10,000,000"),
        ({"slip_rate": 1.5}, "--slips", "from 0"),
        ({"slip_rate": -0.1}, "--slips", "-0.1 is not a share"),
        ({"slip_rate": float("nan")}, "--slips", "nan is not a share"),
        ({"threshold": 5.1}, "--threshold", "from 0"),
        ({"threshold": float("nan")}, "--threshold", "nan is not on the quality scale"),
        ({"seed": 2**63}, "--seed", "does not fit 64 bits"),
        ({"domains": ["vet_clinik"]}, "--domains", "Did you mean vet_clinic?"),
        ({"domains": ["zzz"]}, "--domains", "There are: retail_orders, vet_clinic."),
        ({"variations": ["plane"]}, "--variations", "There are: plain, gradual"),
    ],
)
def test_arguments_that_cannot_work_name_place_and_remedy_and_write_nothing(arguments: dict[str, Any], place: str, says: str) -> None:
    install("vet_clinic", "retail_orders")
    with pytest.raises(RunError) as caught:
        run_start(**{"seed": 7, "episodes": 5, **arguments})
    assert caught.value.place == place
    assert says in str(caught.value)
    assert not Run.objects.exists() and not Episode.objects.exists()


def test_a_variation_that_no_chosen_domain_supports_is_refused_only_when_it_was_asked_for() -> None:
    install(variations=("plain", "gradual"))
    with pytest.raises(RunError, match="supports forbidden"):
        run_start(seed=1, episodes=5, variations=["forbidden", "plain"])
    run = run_start(seed=1, episodes=5)
    assert set(Episode.objects.filter(run=run).values_list("variation", flat=True)) == {"plain", "gradual"}


def test_an_empty_catalogue_is_told_how_to_be_filled() -> None:
    with pytest.raises(RunError, match="install_catalog"):
        run_start(seed=1, episodes=5)
    install()
    AgentProfile.objects.all().delete()
    with pytest.raises(RunError, match="no agent profiles"):
        run_start(seed=1, episodes=5)
    assert not Run.objects.exists()


def test_siblings_are_the_domains_whose_tools_are_alike() -> None:
    install("vet_clinic", "retail_orders", "hotel_desk")
    run = run_start(seed=1, episodes=5, domains=["vet_clinic"], variations=["similar_tools"])
    [refs] = run.siblings.values()
    assert {ref["domain"] for ref in refs} <= {"retail_orders", "hotel_desk"}
    assert set(runs.release_digests(run)) == {starter_pack("vet_clinic").digest, *(ref["release"] for ref in refs)}
    assert run_start(seed=1, episodes=5, variations=["plain"]).siblings == {}


def test_pausing_takes_episodes_from_their_holders_and_resuming_lets_them_go_on() -> None:
    install()
    run = a_run(3)
    from synthesis.services.claims import claim_queued
    from tests.builders_runs import LEASE, queued

    queued(run)
    held = claim_queued(run_id=run.pk, holder=1, limit=2, lease=LEASE, now=NOW)
    assert run_pause(run_id=run.pk) == 2
    assert runs.run_counts(run.pk)["queued"] == 3
    assert Episode.objects.get(pk=held[0].id).epoch == held[0].epoch + 1
    with pytest.raises(RunError, match="is paused, so it cannot be paused"):
        run_pause(run_id=run.pk)
    run_resume(run_id=run.pk)
    run_resume(run_id=run.pk)
    assert Run.objects.get().status == "running"


def test_a_cancelled_run_is_over_for_good() -> None:
    install()
    run = a_run(3)
    assert run_cancel(run_id=run.pk, now=NOW) == 3
    assert runs.run_is_over(run.pk) and RunPart.objects.get().done
    for move in (run_pause, run_resume):
        with pytest.raises(RunError, match="is cancelled"):
            move(run_id=run.pk)
    with pytest.raises(RunError, match="no run 999"):
        run_cancel(run_id=999, now=NOW)


def test_a_run_is_finished_once_and_only_when_nothing_is_open() -> None:
    install()
    run = a_run(2)
    assert not run_finish(run_id=run.pk, now=NOW)
    Episode.objects.update(status="unfilled")
    assert run_count(run_id=run.pk)["unfilled"] == 2
    assert run_finish(run_id=run.pk, now=NOW)
    assert not run_finish(run_id=run.pk, now=NOW)
    row = Run.objects.get()
    assert (row.status, row.finished, row.counts["unfilled"]) == ("finished", NOW, 2)
