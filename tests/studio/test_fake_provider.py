"""The fake provider in the seats of whole runs, over HTTP: it plays competently, and what it took adds up."""

import asyncio
from typing import Any

import pytest

from judging.models import Judgement
from studio.pipelines.run_stage import RunStage
from studio.pipelines.slice import SliceLimits, SliceWork
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.models import Budget, Episode, Event, ModelEndpoint, ModelUsage, Reservation, Run
from synthesis.selectors import runs
from synthesis.services.gate import budget_set
from tests.builders_runs import a_run, a_slice, install
from tests.fakes.model_server.running import playing
from tests.fakes.model_server.server import FakeProvider

pytestmark = pytest.mark.django_db(transaction=True)
PLAYABLE = [variation for variation in VARIATIONS if variation != "similar_tools"]
LIMITS = SliceLimits(width=32, seconds=120, idle=30, lease=30, heartbeat=5)


def endpoint(provider: FakeProvider, slug: str = "fake", **fields: Any) -> ModelEndpoint:
    plain = {"model": "fake", "provider": "fake", "purposes": ["user", "agent"], "price_prompt": 1_000_000, "price_completion": 4_000_000}
    return ModelEndpoint.objects.create(slug=slug, base_url=provider.url, **plain | fields)


def seated(run: Run, **seats: str) -> Run:
    run.seats = {**run.seats, **seats}
    run.save()
    for episode in Episode.objects.filter(run=run):
        episode.cast["seats"] = run.seats
        episode.save()
    return run


def play(run: Run) -> int:
    return asyncio.run(SliceWork(run_id=run.pk, slice_id=a_slice(run), stage=RunStage(run), limits=LIMITS).run())


def spent_in_events(run: Run) -> dict[str, dict[str, int]]:
    """Tokens and cost by role, as the logs tell."""
    sums: dict[str, dict[str, int]] = {}
    for payload in Event.objects.filter(episode__run=run, kind="message").values_list("payload", flat=True):
        sum_of = sums.setdefault(payload["role"], dict.fromkeys(("prompt_tokens", "completion_tokens", "cost"), 0))
        for name in sum_of:
            sum_of[name] += payload["usage"][name]
    return sums


def test_models_in_both_seats_do_every_variation_well_and_what_they_took_adds_up() -> None:
    install("vet_clinic", "retail_orders")
    with playing() as provider:
        endpoint(provider)
        run = seated(a_run(2 * len(PLAYABLE), variations=PLAYABLE), user="model:fake", agent="model:fake")
        budget_set(run_id=run.pk, limit=10**9)
        assert play(run) == 2 * len(PLAYABLE)
    assert runs.run_counts(run.pk)["judged"] == 2 * len(PLAYABLE)
    assert set(Episode.objects.filter(run=run).values_list("variation", "outcome")) == {(one, "user_done") for one in PLAYABLE}
    failed = Judgement.objects.filter(episode__run=run, passed=False).values_list("episode__variation", "failed_check", "reason")
    assert list(failed) == []
    told = spent_in_events(run)
    counted = {row.role: row for row in ModelUsage.objects.filter(run=run)}
    for role, sums in told.items():
        assert sums == {name: getattr(counted[role], name) for name in sums}
    assert Budget.objects.get(run=run).spent == sum(sums["cost"] for sums in told.values()) > 0
    assert Budget.objects.get(run=run).reserved == Reservation.objects.count() == 0
    models = {payload["usage"]["model"] for payload in Event.objects.filter(kind="message").values_list("payload", flat=True)}
    assert models == {"fake"}, "every row says by whom it was made"


def test_an_agent_that_slips_on_purpose_fails_and_the_checks_say_so() -> None:
    install()
    with playing() as provider:
        endpoint(provider, model="fake:slips=1")
        run = seated(a_run(8), agent="model:fake")
        play(run)
    failed = Judgement.objects.filter(episode__run=run, passed=False).count()
    assert failed >= 4
