"""Who may sit where, what it may cost, where episodes end."""

from typing import Any

import pytest

from synthesis.models import Budget, Episode, ModelEndpoint
from synthesis.services.runs import RunError
from synthesis.services.seats import MODEL_LIMITS, SCRIPTED_LIMITS, limits_of, seats_of
from tests.builders_runs import a_run, install

pytestmark = pytest.mark.django_db
MODELS = {"user": "model:moon", "agent": "model:kimi"}


def endpoint(slug: str, *purposes: str, **fields: Any) -> ModelEndpoint:
    return ModelEndpoint.objects.create(
        slug=slug, base_url="http://127.0.0.1/v1", model="m", provider="other", purposes=list(purposes), **fields
    )


def test_what_is_not_asked_for_is_scripted() -> None:
    endpoint("kimi", "agent")
    assert seats_of({"agent": "model:kimi"}) == {"user": "scripted", "agent": "model:kimi", "tools": "scripted"}


@pytest.mark.parametrize(
    ("seats", "place", "problem"),
    [
        ({"user": "model:kimi"}, "--user", "no endpoint 'kimi' in use for this seat"),
        ({"agent": "model:off"}, "--agent", "no endpoint 'off'"),
        ({"agent": "kimi"}, "--agent", "neither scripted nor a model"),
        ({"agent": "person"}, "--agent", "neither scripted nor a model"),
        ({"judge": "model:kimi"}, "--seats", "no seat 'judge'"),
    ],
)
def test_who_may_not_sit_there(seats: dict[str, str], place: str, problem: str) -> None:
    endpoint("kimi", "agent")
    endpoint("off", "agent", active=False)
    with pytest.raises(RunError, match=problem) as caught:
        seats_of(seats)
    assert caught.value.place == place


def test_runs_with_models_have_limits_of_their_own() -> None:
    assert limits_of({"agent": "scripted"}, None, 5) == SCRIPTED_LIMITS
    assert limits_of(MODELS, None, 5) == MODEL_LIMITS
    assert limits_of(MODELS, 1_000_000, 3).max_cost == 333_333
    assert limits_of(MODELS, 1_000_000, 500).max_cost == 100_000


def test_a_run_is_started_with_its_seats_and_budget() -> None:
    install()
    endpoint("kimi", "agent")
    run = a_run(2, seats={"agent": "model:kimi"}, budget=5_000_000)
    assert run.seats["agent"] == "model:kimi" and run.limits["max_cost"] == 2_500_000
    assert Budget.objects.get(run=run).limit == 5_000_000
    assert {episode.cast["seats"]["agent"] for episode in Episode.objects.filter(run=run)} == {"model:kimi"}


@pytest.mark.parametrize(
    ("wanted", "place", "problem"),
    [
        ({"budget": 5}, "--budget", "nothing costs money"),
        ({"seats": MODELS, "budget": 0}, "--budget", "no amount of money"),
        ({"seats": MODELS, "budget": 5}, "--budget", "bill in CNY and USD"),
        ({"seats": MODELS, "slip_rate": 0.5}, "--slips", "mistakes of its own"),
    ],
)
def test_what_cannot_be(wanted: dict[str, Any], place: str, problem: str) -> None:
    install()
    endpoint("kimi", "agent")
    endpoint("moon", "user", currency="CNY")
    with pytest.raises(RunError, match=problem) as caught:
        a_run(2, **wanted)
    assert caught.value.place == place
    assert not Episode.objects.exists()
