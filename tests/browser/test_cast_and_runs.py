"""From a persona to a run of it and back, in a browser: written, sampled, tried out, started, steered, tried again, cloned."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from synthesis.models import AgentProfile, Episode, Persona, Run
from tests.browser.conftest import Watched
from tests.builders_many import many_episodes
from tests.builders_runs import install

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def catalogue(transactional_db: None) -> None:
    install("vet_clinic", "retail_orders")


def sound(window: Watched) -> None:
    """Nothing on this page keeps anybody out, and nothing sticks out."""
    assert window.barriers() == [], window.page.url
    assert window.fits(), window.page.url


def fail_some(run: Run) -> None:
    """As if two episodes had failed and the run were over."""
    Episode.objects.filter(run=run).update(status="unfilled", failure={"kind": "unfilled", "detail": "none", "reasons": {}})
    Run.objects.filter(pk=run.pk).update(status="finished")


def test_the_way_from_a_persona_to_a_run_and_back(owner: User, open_page: Callable[..., Watched]) -> None:
    window = open_page(owner)
    page = window.open("/catalogue/personas/")
    sound(window)
    page.click("text=New persona")
    page.fill("[name=name]", "Bea")
    page.fill("[name=slug]", "bea")
    page.fill("[name=background]", "Sells bread.")
    page.select_option("[name=mood]", "grumpy")
    page.click("text=Hear it first")
    assert page.locator("#heard dd").count() >= 7
    assert page.input_value("[name=name]") == "Bea"
    sound(window)
    page.click("button:has-text('Save')")
    page.wait_for_url(re.compile("/personas/bea/"))
    assert Persona.objects.get(slug="bea").mood == "grumpy"
    sound(window)

    page = window.open("/catalogue/agents/sample/?seed=7&number=4")
    sound(window)
    page.click("text=Keep this one >> nth=0")
    page.wait_for_url("**/agents/desk_*/")
    kept = AgentProfile.objects.get(origin="sampled")
    sound(window)

    page.click("text=Run with this agent")
    assert page.is_checked(f"[name=agents][value={kept.slug}]")
    page.fill("#search-domains", "vet")
    assert page.locator("[name=domains]:visible").count() == 1
    page.check("[name=domains][value=vet_clinic]")
    page.check("[name=variations][value=plain]")
    page.fill("[name=episodes]", "30")
    sound(window)
    page.locator("text=A pilot plays 3 episodes").wait_for()
    page.click("text=Try a pilot first")
    page.wait_for_url("**/runs/*/")
    assert page.locator("text=a run of 30 episodes").is_visible()
    sound(window)
    page.click("text=Start the whole run with these settings")
    page.locator("text=The whole run has started").wait_for()
    whole = Run.objects.latest("pk")
    assert (whole.episodes, whole.casting, list(whole.releases)) == (30, {"agents": [kept.slug]}, ["vet_clinic"])
    page.click("button:has-text('Pause')")
    page.locator("button:has-text('Resume')").click()
    page.locator("button:has-text('Pause')").wait_for()
    fail_some(whole)
    page.reload()
    sound(window)
    page.click("button:has-text('Try again what failed')")
    page.locator("button:has-text('Pause')").wait_for()
    assert set(Episode.objects.filter(run=whole).values_list("status", flat=True)) == {"planned"}
    page.click("text=Clone")
    assert page.is_checked("[name=domains][value=vet_clinic]") and not page.is_checked("[name=domains][value=retail_orders]")
    assert page.input_value("[name=episodes]") == "30"
    page.click("text=Start the run")
    page.wait_for_url(f"**/runs/{whole.pk + 1}/")
    assert window.faults == []


def test_a_run_under_way_moves_by_itself_and_only_when_something_has_changed(owner: User, open_page: Callable[..., Watched]) -> None:
    run = many_episodes(60, troubled=0)
    Episode.objects.filter(run=run, index__gte=30).update(status="queued")
    Run.objects.filter(pk=run.pk).update(status="running")
    window = open_page(owner)
    page = window.open(f"/runs/{run.pk}/")
    with page.expect_response("**/grid/**") as same:
        pass
    assert same.value.status == 204
    Episode.objects.filter(run=run, index=30).update(status="failed", failure={"kind": "poison", "detail": "d"})
    page.locator(".cell.failed").wait_for()
    page.locator("text=What went wrong").wait_for()
    sound(window)
    assert window.faults == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_are_sound_on_a_narrow_window(owner: User, open_page: Callable[..., Watched], dark: bool) -> None:
    run = many_episodes(300, troubled=0.1)
    window = open_page(owner, narrow=True, dark=dark)
    for path in (
        "/catalogue/personas/",
        "/catalogue/personas/ann/",
        "/catalogue/personas/new/",
        "/catalogue/agents/",
        "/catalogue/agents/desk/",
        "/catalogue/agents/sample/",
        "/runs/",
        "/runs/new/",
        f"/runs/{run.pk}/",
        f"/runs/{run.pk}/episodes/?status=failed",
    ):
        window.open(path)
        sound(window)
    assert window.faults == []


def test_it_works_without_scripts(owner: User, open_page: Callable[..., Watched]) -> None:
    page = open_page(owner, scripts=False).open("/runs/new/")
    assert not page.locator("#search-domains").is_visible()
    page.fill("[name=episodes]", "4")
    page.click("text=Start the run")
    page.locator("button:has-text('Pause')").click()
    page.locator("button:has-text('Resume')").wait_for()
    page.click("text=As a list")
    assert page.locator("tbody tr").count() == 4
