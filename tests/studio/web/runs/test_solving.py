"""The page that tells how reliably scenarios are solved, the launcher's fields for it, and difficulty after results on scenario pages."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from studio.models import Role
from studio.pipelines.launching import launch, settings_of
from studio.pipelines.recalibrating import recalibrate
from synthesis.models import AgentProfile, Episode, Run, Scenario
from synthesis.services.runs import RunError
from tests.builders_plays import an_endpoint, judged_plays
from tests.builders_runs import a_run, install

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Role], Client]
TOLD: dict[str, Any] = {"episodes": 8, "seed": 1, "slips": 0, "threshold": 4.5, "pace": 0, "variations": ["plain"]}


def test_it_tells_pass_k_and_lists_a_band(browser_of: BrowserOf) -> None:
    run = judged_plays()
    browser = browser_of(Role.OPERATOR)
    page = browser.get(f"/runs/{run.pk}/solving/").content.decode()
    assert "model:kimi" in page and "25.0 %" in page, "one of four plays of the model is solved"
    assert "0.0 %" in page and "100.0 %" in page
    assert "?agent=0&amp;band=often#band-title" in page and "?agent=0&amp;band=seldom" not in page
    assert f'action="/repairs/runs/{run.pk}/pairs/"' in page
    episodes = {episode.index: episode for episode in Episode.objects.filter(run=run)}
    band = browser.get(f"/runs/{run.pk}/solving/?agent=0&band=often").content.decode()
    assert all(f'href="/runs/episodes/{episodes[index].pk}/"' in band for index in (0, 1))
    assert f'href="/runs/episodes/{episodes[4].pk}/"' not in band
    assert str(episodes[0].scenario_id)[:12] in band
    assert f"/runs/{run.pk}/solving/" in browser.get(f"/runs/{run.pk}/").content.decode()


@pytest.mark.parametrize("query", ["agent=9&band=often", "agent=x&band=often", "band=most", "agent=0&band=often&after=AAAA"])
def test_made_up_choices_break_nothing(browser_of: BrowserOf, query: str) -> None:
    run = judged_plays()
    assert browser_of(Role.OPERATOR).get(f"/runs/{run.pk}/solving/?{query}").status_code == 200


def test_a_viewer_is_offered_no_pairs_and_a_reviewer_nothing(browser_of: BrowserOf) -> None:
    run = judged_plays()
    assert "/pairs/" not in browser_of(Role.VIEWER).get(f"/runs/{run.pk}/solving/").content.decode()
    assert browser_of(Role.REVIEWER).get(f"/runs/{run.pk}/solving/").status_code == 404


def test_the_launcher_starts_and_clones_plays(browser_of: BrowserOf) -> None:
    install()
    an_endpoint()
    browser = browser_of(Role.OPERATOR)
    assert browser.post("/runs/new/", {**TOLD, "plays": 2, "rivals": ["model:kimi"]}).status_code == 302
    run = Run.objects.get()
    assert (run.plays, run.agents, run.episodes) == (2, ["model:kimi", "scripted"], 8)
    told = settings_of(run)
    assert (told["plays"], told["rivals"], told["agent_seat"]) == (2, ["scripted"], "model:kimi")
    page = browser.get(f"/runs/{run.pk}/").content.decode()
    assert "plays=2" in page and "rivals=scripted" in page
    refused = browser.post("/runs/new/", {**TOLD, "plays": 3})
    assert refused.status_code == 422 and "Give 6 or 9" in refused.content.decode()


def test_without_a_model_profiles_are_compared_and_the_pilot_is_counted(browser_of: BrowserOf) -> None:
    install()
    browser = browser_of(Role.OPERATOR)
    [profile] = [agent.slug for agent in AgentProfile.objects.all()]
    page = browser.get("/runs/new/?plays=2&episodes=8").content.decode()
    assert f'name="rivals" value="profile:{profile}"' in page and "A pilot plays 4 episodes." in page
    asked: dict[str, Any] = {"plays": 2, "episodes": 8, "rivals": f"profile:{profile}"}
    fragment = browser.get("/runs/new/expected/", asked, headers={"HX-Request": "true"}).content.decode()
    assert "A pilot plays 4 episodes." in fragment, "both plays of both agents, one scenario"
    assert browser.post("/runs/new/", {**TOLD, "plays": 2, "rivals": [f"profile:{profile}"], "pilot": "1"}).status_code == 302
    run = Run.objects.get()
    assert (run.agents, run.episodes, run.options["pilot_for"]) == (["scripted", f"profile:{profile}"], 4, 8)
    refused = browser.post("/runs/new/", {**TOLD, "simulate": "on"})
    assert refused.status_code == 422 and "nobody simulates tools here" in refused.content.decode()


def test_a_pilot_plays_whole_scenarios() -> None:
    install()
    assert launch(episodes=8, seed=1, variations=["plain"], plays=2, pilot=True).episodes == 4
    with pytest.raises(RunError, match="no multiple"):
        launch(episodes=9, seed=1, variations=["plain"], plays=2, pilot=True)


def test_measured_difficulty_is_shown_and_filters(browser_of: BrowserOf) -> None:
    run = judged_plays()
    Scenario.objects.update(difficulty=1)
    recalibrate(run)
    hard, easy = (str(Episode.objects.get(run=run, index=index).scenario_id) for index in (4, 0))
    browser = browser_of(Role.OPERATOR)
    listed = browser.get("/catalogue/scenarios/?measured=3").content.decode()
    assert hard[:12] in listed and easy[:12] not in listed
    assert "by what models made of it" in browser.get(f"/catalogue/scenarios/{hard}/").content.decode()
    blind = browser_of(Role.REVIEWER)
    everything = blind.get("/catalogue/scenarios/?measured=3").content.decode()
    assert hard[:12] in everything and easy[:12] in everything and "Measured" not in everything
    assert "by what models made of it" not in blind.get(f"/catalogue/scenarios/{hard}/").content.decode()


def test_a_budget_knows_all_agents() -> None:
    install()
    an_endpoint("kimi")
    an_endpoint("moon").__class__.objects.filter(slug="moon").update(currency="KRW")
    with pytest.raises(RunError, match="these endpoints bill in"):
        launch(episodes=8, seed=1, variations=["plain"], agent_seat="model:kimi", rivals=["model:moon"], budget=Decimal(1))
    assert a_run(2, rivals=["model:kimi"]).seats["agent"] == "model:kimi"
