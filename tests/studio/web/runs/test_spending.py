"""Models on the launcher and on the page of a run: who sits where, what it costs, more money, why it stands still."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from studio.models import AuditEntry, Role
from studio.pipelines.launching import settings_of
from studio.pipelines.spending import interval_of
from synthesis.models import Budget, ModelEndpoint, ModelUsage, Run
from synthesis.selectors import prompts
from synthesis.services.runs import run_stop
from tests.builders_runs import a_run, install

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Role], Client]
NAME = "zyxkimi"
STOPPED = {"kind": "no_budget", "party": "agent", "endpoint": NAME, "detail": "the budget of the run is spent"}


def endpoint(**fields: Any) -> ModelEndpoint:
    plain = {"slug": NAME, "base_url": "http://127.0.0.1/v1", "model": "m", "provider": "other", "purposes": ["agent"], "currency": "EUR"}
    return ModelEndpoint.objects.create(**plain | fields)


def model_run() -> Run:
    """A run of a model agent that has spent 1.50 of 2.00."""
    install()
    there = endpoint()
    run = a_run(2, seats={"agent": f"model:{NAME}"}, budget=2_000_000)
    Budget.objects.filter(run=run).update(spent=1_500_000)
    ModelUsage.objects.create(endpoint=there, run=run, role="agent", day="2026-01-01", calls=7, prompt_tokens=1000, cost=1_500_000)
    return run


def test_without_an_endpoint_the_launcher_says_where_to_add_one(browser_of: BrowserOf) -> None:
    install()
    page = browser_of(Role.OPERATOR).get("/runs/new/").content.decode()
    assert "once an endpoint is there" in page and 'name="user_seat"' not in page
    assert 'value="model:' not in page, "the agent may be a scripted profile, but no model"


def test_a_run_with_a_model_is_started_and_cloned(browser_of: BrowserOf) -> None:
    install()
    endpoint()
    browser = browser_of(Role.OPERATOR)
    assert f'value="model:{NAME}"' in browser.get("/runs/new/").content.decode()
    told = {"episodes": 3, "seed": 1, "slips": 0, "threshold": 4.5, "pace": 0, "variations": ["plain"]}
    answer = browser.post("/runs/new/", {**told, "agent_seat": f"model:{NAME}", "budget": "0.5"})
    run = Run.objects.get()
    assert answer.status_code == 302 and run.seats["agent"] == f"model:{NAME}"
    assert Budget.objects.get(run=run).limit == 500_000
    assert settings_of(run)["budget"] == Decimal("0.5") and settings_of(run)["agent_seat"] == f"model:{NAME}"
    page = browser.get(f"/runs/{run.pk}/").content.decode()
    assert f"agent_seat=model%3A{NAME}" in page and "budget=0.5" in page
    refused = browser.post("/runs/new/", {**told, "slips": 0.5, "agent_seat": f"model:{NAME}"})
    assert refused.status_code == 422 and "mistakes of its own" in refused.content.decode()


def test_the_page_tells_what_it_costs_and_raises_the_cap(browser_of: BrowserOf) -> None:
    run = model_run()
    browser = browser_of(Role.OPERATOR)
    page = browser.get(f"/runs/{run.pk}/").content.decode()
    assert "1.50 EUR" in page and "2.00 EUR" in page and NAME in page
    assert browser.post(f"/runs/{run.pk}/budget/", {"budget": "4.25"}).status_code == 302
    assert Budget.objects.get(run=run).limit == 4_250_000
    assert AuditEntry.objects.filter(action="runs.budget").count() == 1
    for wrong in ("", "-1", "NaN", "1e99", "much"):
        browser.post(f"/runs/{run.pk}/budget/", {"budget": wrong})
    assert Budget.objects.get(run=run).limit == 4_250_000


def test_calls_that_were_broken_off_are_told(browser_of: BrowserOf) -> None:
    run = model_run()
    browser = browser_of(Role.OPERATOR)
    assert "broken off" not in browser.get(f"/runs/{run.pk}/").content.decode()
    ModelUsage.objects.filter(run=run).update(called_off=2)
    assert "2 calls were broken off" in browser.get(f"/runs/{run.pk}/").content.decode()


def test_the_prompts_it_was_started_with_are_among_its_facts(browser_of: BrowserOf) -> None:
    install()
    endpoint(purposes=["user", "agent"])
    run = a_run(1, seats={"user": f"model:{NAME}"})
    digest = run.prompts["user"]
    assert set(run.prompts) == {"user"} and digest == prompts.current("user").digest
    page = browser_of(Role.OPERATOR).get(f"/runs/{run.pk}/").content.decode()
    assert digest[:8] in page and "/models/prompts/user/" in page
    assert "/models/prompts/user/" not in browser_of(Role.REVIEWER).get(f"/runs/{run.pk}/").content.decode(), "a page not open to them"
    assert browser_of(Role.OPERATOR).get(f"/api/v1/runs/{run.pk}/").json()["prompts"] == {"user": digest}


def test_a_run_that_stopped_says_why_until_it_is_resumed(browser_of: BrowserOf) -> None:
    run = model_run()
    assert run_stop(run_id=run.pk, reason=STOPPED)
    assert not run_stop(run_id=run.pk, reason={}), "the first reason stays"
    browser = browser_of(Role.OPERATOR)
    assert "Its budget is spent" in browser.get(f"/runs/{run.pk}/").content.decode()
    browser.post(f"/runs/{run.pk}/resume/")
    assert "Its budget is spent" not in browser.get(f"/runs/{run.pk}/").content.decode()


def test_a_reviewer_sees_costs_and_no_names(browser_of: BrowserOf) -> None:
    run = model_run()
    run_stop(run_id=run.pk, reason=STOPPED)
    page = browser_of(Role.REVIEWER).get(f"/runs/{run.pk}/").content.decode()
    assert "1.50 EUR" in page and NAME not in page and 'name="budget"' not in page


def test_an_interval_is_wide_for_few_and_never_below_nothing() -> None:
    assert interval_of([5]) is None
    assert interval_of([100, 100, 100], beside=10) == (110, 110, 110)
    found = interval_of([0, 100, 200])
    assert found is not None and (found.mean, found.least) == (100, 0) and 340 < found.most < 355
    assert found.times(10).mean == 1000
