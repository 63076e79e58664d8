"""Every way in which providers fail, in a slice at work: what becomes of the episode, that nothing of it is taken for a turn, that no
question outlives its deadline, and that nobody holds a place who has to wait.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from studio.pipelines.slice import SliceLimits, SliceWork
from synthesis.engine.chat.waiting import Patience
from synthesis.models import Episode, Event, Run
from synthesis.selectors import runs
from tests.builders_runs import a_slice, queued
from tests.fakes.model_seats import TWICE, ModelStage, endpoint, seated, talk
from tests.fakes.model_server.faults import FAULTS
from tests.fakes.model_server.running import running
from tests.fakes.model_server.server import FakeProvider

pytestmark = pytest.mark.django_db(transaction=True)
TRY_SECONDS = 4.0
"""Enough for the first connections of fourteen clients that are made at once on a busy machine."""
LONGEST_WAIT = 2.2
"""Between two tries: what was asked for and a tenth."""
TRANSIENT = {
    "429-2s": "RateLimited",
    "500": "Overloaded",
    "529": "Overloaded",
    "html": "Garbled",
    "choices-null": "Garbled",
    "choices-empty": "Garbled",
    "error-200": "Garbled",
    "early-end": "Cut",
    "cut-chunk": "Cut",
    "drip": "TooSlow",
    "hang": "TooSlow",
}
"""Tried again, then given up."""
OTHERS = {"429-300s": "RateLimited", "cut-arguments": "Unusable", "huge": "Refused"}


def say(body: dict[str, Any]) -> dict[str, Any]:
    """As ``talk``; the agent whose arguments are cut calls a tool until it is told."""
    if "cut-arguments" in body["model"] and "[This message is not from the user]" not in str(body["messages"][-1]):
        name = body["tools"][0]["function"]["name"]
        return {"tool_calls": [{"id": "call_1", "type": "function", "function": {"name": name, "arguments": "{}"}}]}
    return talk(body)


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with running(FakeProvider(say)) as fake:
        yield fake


def one_episode_each(provider: FakeProvider, more: str = "") -> tuple[Run, dict[str, int]]:
    """A run with an episode for every fault, whose agent is a model that has it; the episodes' keys by fault."""
    run = seated(len(FAULTS), agent="model:m")
    keys = {}
    for fault, episode in zip(FAULTS, Episode.objects.filter(run=run).order_by("index"), strict=True):
        endpoint(provider, f"m-{fault}", model=f"fake:fault={fault}{more}", try_seconds=TRY_SECONDS)
        episode.cast["seats"] = {**run.seats, "agent": f"model:m-{fault}"}
        episode.save()
        keys[fault] = episode.pk
    # Generated before the slice: in this process that would stop the clock of its questions.
    queued(run)
    return run, keys


def play(run: Run, patience: Patience, width: int = 16) -> ModelStage:
    """One slice, which must come to its end by itself."""
    stage = ModelStage(run, patience)
    limits = SliceLimits(width=width, seconds=60, idle=0.5, heartbeat=5, grace=5)
    asyncio.run(asyncio.wait_for(SliceWork(run_id=run.pk, slice_id=a_slice(run), stage=stage, limits=limits).run(), 120))
    return stage


def became(run: Run, fault: str, keys: dict[str, int]) -> str:
    """How an episode stands: judged, waiting, or what it failed with."""
    episode = Episode.objects.get(run=run, pk=keys[fault])
    assert (episode.crashes, episode.holder is None or episode.status == "judged") == (0, True), fault
    if episode.status == "failed":
        return str(episode.failure["kind"])
    if episode.status == "queued" and episode.not_before:
        return "waits for minutes" if (episode.not_before - timezone.now()).total_seconds() > 200 else "waits"
    return episode.status


def agent_turns(key: int) -> list[dict[str, Any]]:
    """What the agent said or called, as the log has it."""
    rows = Event.objects.filter(episode=key, kind="message").order_by("seq").values_list("payload", flat=True)
    return [payload for payload in rows if payload["role"] == "agent"]


def test_a_fault_that_stays_ends_in_its_class_and_never_in_a_turn(provider: FakeProvider) -> None:
    run, keys = one_episode_each(provider)
    heard = play(run, TWICE).heard
    assert {one.slug.removeprefix("m-"): one.kind for one in heard} == TRANSIENT | OTHERS
    assert max(one.seconds for one in heard) < 2 * TRY_SECONDS + LONGEST_WAIT + 2
    assert {fault: became(run, fault, keys) for fault in FAULTS} == {
        **dict.fromkeys(TRANSIENT, "agent_gave_up"),
        "429-300s": "waits for minutes",
        "cut-arguments": "agent_unusable",
        "huge": "agent_refused",
    }
    assert {fault for fault, key in keys.items() if agent_turns(key)} == set()
    assert not Event.objects.filter(episode__run=run, kind__in=["tool_call", "tool_result"]).exists()


def test_a_fault_that_passes_costs_a_try_and_nothing_of_it_stays(provider: FakeProvider) -> None:
    run, keys = one_episode_each(provider, ",times=1")
    play(run, TWICE)
    assert {fault: became(run, fault, keys) for fault in FAULTS} == {
        **dict.fromkeys([*TRANSIENT, "cut-arguments"], "judged"),
        "429-300s": "waits for minutes",
        "huge": "agent_refused",
    }
    for fault in [*TRANSIENT, "cut-arguments"]:
        first, *_ = turns = agent_turns(keys[fault])
        assert {turn["text"] for turn in turns} == {"That is done."} and not any(turn.get("tool_calls") for turn in turns), fault
        assert first["usage"]["attempts"] == 2, fault
        assert ("are not JSON" in str(first.get("repaired"))) is (fault == "cut-arguments"), fault


@pytest.mark.parametrize("fault", ["500", "429-300s"])
def test_who_has_to_wait_longer_gives_the_place_to_the_next(provider: FakeProvider, fault: str) -> None:
    """With all the patience there is: the third failure in a row opens the breaker, which is a longer wait than anybody holds a place."""
    run = seated(2, agent="model:down")
    endpoint(provider, "down", model=f"fake:fault={fault}", try_seconds=TRY_SECONDS)
    endpoint(provider, "well")
    last = Episode.objects.filter(run=run).order_by("-index")[0]
    last.cast["seats"] = {**run.seats, "agent": "model:well"}
    last.save()
    queued(run)
    began = time.monotonic()
    play(run, Patience(), width=1)
    assert time.monotonic() - began < 50, "nobody waits for it in the slice, either"
    assert sorted(Episode.objects.filter(run=run).values_list("status", flat=True)) == ["judged", "queued"]
    assert runs.rest_of(run.pk, timezone.now()) > (200 if fault == "429-300s" else 5)
