"""Evolutions under way: workers and endpoints that are lost, people who pause them, caps on cost, several domains written at once."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from studio.pipelines import evolving
from studio.pipelines.evolving import evolution_ask, evolution_run
from synthesis.engine.chat.errors import GaveUp, Unreachable
from synthesis.engine.chat.model import ChatReply, ChatRequest, OnDelta
from synthesis.engine.chat.prices import Price
from synthesis.engine.evolution.wanted import Wanted
from synthesis.models import Evolution, ModelEndpoint
from synthesis.services import evolutions as work
from synthesis.services.evolutions import EvolutionRefused
from tests.fakes.author.voice import Voice
from tests.studio.pipelines.test_evolving import ann, drafts, run_on

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["ann"]


class Dying(Voice):
    """A model whose worker dies at the ``at``-th call."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        if len(self.asked) == self.at:
            raise KeyboardInterrupt
        return await super().reply(request, on_delta)


def test_whoever_takes_over_goes_on_from_the_last_step(ann: User) -> None:
    evolution = evolution_ask(actor=ann, endpoint="writer", wanted=Wanted(category="crafts", domains=1), limit=10**9)
    dying = Dying(3)
    with pytest.raises(KeyboardInterrupt):
        run_on(evolution, voice=dying)
    evolution.refresh_from_db()
    assert evolution.status == "working" and drafts(evolution)[0].stage == "tools"
    now = timezone.now()
    assert evolution_run(evolution_id=evolution.pk, open_model=lambda _slug: Voice()) == "working", "it is still leased"
    later = now + evolving.LEASE + timedelta(seconds=1)
    assert evolving.evolutions_ask_again(now=later + timedelta(minutes=2)) == [evolution.pk]
    Evolution.objects.update(lease_until=now - timedelta(seconds=1), reserved=77)
    second = Voice()
    assert run_on(evolution, voice=second) == "done"
    assert next(request.answer.name for request in second.asked if request.answer) == "author_tools"
    evolution.refresh_from_db()
    assert evolution.spent == 77, "what a lost worker had set aside counts as spent"
    assert drafts(evolution)[0].stage == "passed"


def test_the_third_worker_lost_at_one_step_fails_it(ann: User) -> None:
    evolution = evolution_ask(actor=ann, endpoint="writer", wanted=Wanted(category="crafts", domains=1))
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            run_on(evolution, voice=Dying(0))
        Evolution.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert evolution_run(evolution_id=evolution.pk, open_model=lambda _slug: Voice()) == "failed"


class Slow(Voice):
    """A model during whose second call a person does something."""

    def __init__(self, evolution: Evolution, deed: Any) -> None:
        super().__init__()
        self.evolution, self.deed = evolution, deed

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        if len(self.asked) == 1:
            await asyncio.to_thread(_in_a_thread, self.deed)
            await asyncio.sleep(30)
        return await super().reply(request, on_delta)


def _in_a_thread(deed: Any) -> None:
    from django.db import connection

    try:
        deed()
    finally:
        connection.close()


def test_pausing_calls_off_what_is_under_way_and_resuming_goes_on(ann: User) -> None:
    evolution = evolution_ask(actor=ann, endpoint="writer", wanted=Wanted(category="crafts", domains=1))
    slow = Slow(evolution, lambda: work.evolution_pause(evolution_id=evolution.pk))
    assert run_on(evolution, voice=slow) == "paused"
    assert drafts(evolution)[0].stage == "outline"
    evolving.evolution_resume(actor=ann, evolution=evolution)
    slow = Slow(evolution, lambda: work.evolution_cancel(evolution_id=evolution.pk, now=timezone.now()))
    assert run_on(evolution, voice=slow) == "cancelled"
    with pytest.raises(EvolutionRefused):
        evolving.evolution_resume(actor=ann, evolution=evolution)


def test_a_cap_on_cost_is_never_passed(ann: User) -> None:
    ModelEndpoint.objects.update(price_prompt=1_000_000, price_completion=1_000_000)
    evolution = evolution_ask(actor=ann, endpoint="writer", wanted=Wanted(category="crafts", domains=1), limit=22_000)
    voice = Voice(price=Price(1_000_000, 1_000_000))
    assert run_on(evolution, voice=voice) == "paused"
    evolution.refresh_from_db()
    assert 0 < evolution.spent <= 22_000 and evolution.reserved == 0 and "cap" in evolution.note
    asked = len(voice.asked)
    evolving.evolution_resume(actor=ann, evolution=evolution, limit=10**9)
    assert run_on(evolution, voice=voice) == "done" and len(voice.asked) > asked


class Unsteady(Voice):
    """A model whose answers come in any order, and which knows how many were awaited at once."""

    def __init__(self, seed: int, price: Price | None = None) -> None:
        super().__init__(price=price)
        self.rng, self.waiting, self.most = random.Random(seed), 0, 0

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        try:
            await asyncio.sleep(self.rng.random() / 50)
            return await super().reply(request, on_delta)
        finally:
            self.waiting -= 1

    def questions(self) -> list[bytes]:
        """All that was asked about packs, whatever the order."""
        about = [request for request in self.asked if request.answer and request.answer.name != "author_domains"]
        return sorted(msgspec.json.encode(request.messages) for request in about)


def test_several_are_written_at_once_and_nothing_depends_on_whose_answer_comes_first(ann: User) -> None:
    found = []
    for seed, places in ((1, 64), (2, 64), (3, 2)):
        ModelEndpoint.objects.update(concurrency=places)
        evolution = evolution_ask(actor=ann, endpoint="writer", wanted=Wanted(category="neighbourhood", domains=3))
        voice = Unsteady(seed)
        assert run_on(evolution, voice=voice) == "done"
        assert voice.most == min(places, 3)
        made = drafts(evolution)
        found.append((voice.questions(), [(draft.slug, draft.stage, draft.text, draft.calls) for draft in made]))
        assert {draft.stage for draft in made} == {"passed"}
        Evolution.objects.all().delete()
    assert found[0] == found[1], "not even a question differs"
    assert found[0][1] == found[2][1], "the fake author writes the same whatever it sees beside"


def test_a_cap_that_has_room_for_one_call_at_a_time_is_used_up_and_never_passed(ann: User) -> None:
    ModelEndpoint.objects.update(price_prompt=1_000_000, price_completion=1_000_000)
    evolution = evolution_ask(actor=ann, endpoint="writer", wanted=Wanted(category="neighbourhood", domains=2), limit=50_000)
    voice = Unsteady(5, price=Price(1_000_000, 1_000_000))
    assert run_on(evolution, voice=voice) == "paused"
    evolution.refresh_from_db()
    left = 50_000 - evolution.spent
    assert evolution.reserved == 0 and 0 <= left < 25_000, "it goes on as long as there is room for one call"
    evolving.evolution_resume(actor=ann, evolution=evolution, limit=10**9)
    assert run_on(evolution, voice=voice) == "done"
    assert {draft.stage for draft in drafts(evolution)} == {"passed"}


def test_pausing_calls_off_all_that_is_under_way_and_nothing_stays_set_aside_twice(ann: User) -> None:
    ModelEndpoint.objects.update(price_prompt=1_000_000, price_completion=1_000_000)
    wanted = Wanted(category="neighbourhood", domains=3)
    evolution = evolution_ask(actor=ann, endpoint="writer", wanted=wanted, limit=10**9)

    class Paused(Unsteady):
        async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
            if self.waiting == 1 and not self.most > 1:
                self.most = 2
                await asyncio.to_thread(_in_a_thread, lambda: work.evolution_pause(evolution_id=evolution.pk))
                await asyncio.sleep(30)
            return await super().reply(request, on_delta)

    assert run_on(evolution, voice=Paused(6)) == "paused"
    evolution.refresh_from_db()
    assert evolution.reserved == 0, "of a call that is called off nobody knows whether it was billed: it counts as spent"
    evolving.evolution_resume(actor=ann, evolution=evolution)
    assert run_on(evolution, voice=Unsteady(7)) == "done"
    assert [draft.stage for draft in drafts(evolution)] == ["passed"] * 3


class Away(Voice):
    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        raise GaveUp(Unreachable("nobody there"), 6)


def test_an_endpoint_that_is_away_is_waited_for_and_a_missing_one_asks_for_a_person(ann: User) -> None:
    evolution = evolution_ask(actor=ann, endpoint="writer", wanted=Wanted(category="crafts", domains=1))
    assert evolution_run(evolution_id=evolution.pk, open_model=lambda _slug: Away()) == "queued"
    assert evolution_run(evolution_id=evolution.pk, open_model=lambda _slug: Away()) == "queued", "not before its time"
    evolution.refresh_from_db()
    assert evolution.not_before and "nobody there" in evolution.note and evolution.waits == 1
    assert evolution.pk not in evolving.evolutions_ask_again(now=timezone.now() + timedelta(seconds=30))
    Evolution.objects.update(not_before=None)
    ModelEndpoint.objects.update(active=False)
    assert evolution_run(evolution_id=evolution.pk) == "paused"
    evolution.refresh_from_db()
    assert "no active endpoint" in evolution.note
