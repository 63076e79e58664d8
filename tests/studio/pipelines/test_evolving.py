"""Evolutions with the fake author: what is sound is published with its lineage, what is broken is refused with the right finding."""

import asyncio
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.utils import timezone

from studio.access.audit import entries
from studio.models import Role
from studio.pipelines import evolving
from studio.pipelines.evolving import accept, evolution_ask, evolution_run, open_draft, reject
from studio.queue import EVOLVE
from studio.workers import author as author_tasks
from synthesis.adapters.starter_files import draft_template
from synthesis.engine.chat.errors import GaveUp, Unreachable
from synthesis.engine.chat.model import ChatModel, ChatReply, ChatRequest, OnDelta
from synthesis.engine.chat.prices import Price
from synthesis.engine.evolution.wanted import Round, Wanted
from synthesis.engine.packs.parse import parse_pack
from synthesis.models import (
    AgentProfile,
    Domain,
    Evolution,
    EvolutionDraft,
    ModelEndpoint,
    Persona,
    Release,
    Tool,
)
from synthesis.selectors import evolutions
from synthesis.services import evolutions as work
from synthesis.services.catalog import Audited, pack_publish
from synthesis.services.evolution_drafts import DraftNotThere
from synthesis.services.evolutions import EvolutionRefused
from synthesis.services.people import PeopleError
from tests.fakes.author.answers import broken_how
from tests.fakes.author.breaks import BREAKS
from tests.fakes.author.trades import TRADES
from tests.fakes.author.voice import Voice
from tests.people import make_person

WORLDS = 5
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ann() -> Iterator[User]:
    """An author, in a studio with one domain and one endpoint for authors."""
    endpoint_there()
    pack = parse_pack(draft_template())
    pack_publish(pack=pack, text=draft_template(), audited=Audited(pack.slug, seeds=[1, 2], variations={"plain": 10}, tried=10))
    yield make_person("ann", Role.AUTHOR)


def endpoint_there(**more: Any) -> ModelEndpoint:
    facts = {"base_url": "http://127.0.0.1:1/v1", "model": "fake", "provider": "other", "purposes": ["author"]}
    return ModelEndpoint.objects.create(slug="writer", **{**facts, **more})


def run_on(evolution: Evolution, model: str = "fake", voice: ChatModel | None = None) -> str:
    """Work until nothing is left for a worker."""
    status = "queued"
    while status == "queued":
        status = evolution_run(evolution_id=evolution.pk, worlds=WORLDS, open_model=lambda _slug: voice or Voice(model))
    return status


def drafts(evolution: Evolution, kind: str = "domain") -> list[EvolutionDraft]:
    return list(EvolutionDraft.objects.filter(evolution=evolution, kind=kind).order_by("pk"))


def test_what_is_sound_waits_for_a_person_and_is_published_with_its_lineage(ann: User) -> None:
    evolution = evolution_ask(actor=ann, endpoint="writer", wanted=Wanted(categories=1, domains=1))
    lines: list[str] = []
    voice = Voice(price=Price(1_000_000, 2_000_000))
    assert evolution_run(evolution_id=evolution.pk, worlds=WORLDS, told=lines.append, open_model=lambda _slug: voice) == "done"
    draft = drafts(evolution)[0]
    assert (draft.stage, draft.slug, draft.parent and draft.parent.slug) == ("passed", "boat_moorings", "outdoor_life")
    assert not Domain.objects.filter(slug="boat_moorings").exists(), "nothing is in the catalogue before somebody accepts it"
    assert "boat_moorings: audit found 0 errors, passed" in lines
    assert evolution_run(evolution_id=evolution.pk, open_model=lambda _slug: voice) == "done", "a doubled message does nothing"
    evolution.refresh_from_db()
    assert evolution.spent == sum(row.cost for row in EvolutionDraft.objects.all()) > 0 == evolution.reserved
    release = accept(actor=ann, draft=evolutions.draft(draft.pk) or draft)
    assert release is not None
    domain = Domain.objects.get(slug="boat_moorings")
    assert (domain.origin, domain.status, domain.category) == ("evolved", "active", "outdoor_life/boat_moorings")
    assert release.lineage["model"] == "fake" and release.lineage["cost"] == draft.cost and release.lineage["author"] == "ann"
    assert set(release.lineage["prompts"]) == {f"author_{step}" for step in ("outline", "world", "tools", "policy", "intents")}
    assert release.seeds == list(range(1, WORLDS + 1)) and release.tools.count() == 4
    with pytest.raises(DraftNotThere):
        accept(actor=ann, draft=draft)
    assert [entry.action for entry in entries(actor_id=ann.pk)] == ["catalogue.publish", "catalogue.edit"]


def test_every_broken_pack_is_refused_with_the_right_finding_and_leaves_nothing_behind(ann: User) -> None:
    """One domain for each of the fake author's trades, each broken in another way; part of them is mended when the finding is told."""
    before = (Domain.objects.count(), Release.objects.count(), Tool.objects.count())
    number = min(len(TRADES), len(BREAKS))
    evolution = evolution_ask(actor=ann, endpoint="writer", wanted=Wanted(category="neighbourhood", domains=number), at_once=True)
    assert run_on(evolution, "fake:breaks=all") == "done"
    made = drafts(evolution)
    ways = {draft.slug: broken_how(draft.slug, {"breaks": "all"}) for draft in made}
    assert len(made) == number and len(set(ways.values())) == number >= 10
    for draft in made:
        way = BREAKS[ways[draft.slug]]
        rounds = msgspec.convert(draft.rounds, list[Round])
        told = [f for f in rounds[0].errors if way.place in f.place and way.says in f.problem]
        assert told and told[0].remedy, (ways[draft.slug], rounds[0].errors)
        if way.mends:
            assert (draft.stage, draft.repairs, len(rounds)) == ("published", 1, 2), ways[draft.slug]
        else:
            assert (draft.stage, draft.repairs, len(rounds)) == ("refused", 4, 5), ways[draft.slug]
            assert draft.text and draft.release is None and draft.domain is None
    mended = [draft for draft in made if BREAKS[ways[draft.slug]].mends]
    assert 0 < len(mended) < number
    assert set(Domain.objects.filter(origin="evolved").values_list("slug", flat=True)) == {draft.slug for draft in mended}
    tools = sum(len(draft.work["tools"]) for draft in mended)
    after = (Domain.objects.count(), Release.objects.count(), Tool.objects.count())
    assert after == (before[0] + len(mended), before[1] + len(mended), before[2] + tools)


def test_a_stubborn_author_is_never_published_and_a_person_may_open_what_failed(ann: User) -> None:
    evolution = evolution_ask(actor=ann, endpoint="writer", wanted=Wanted(category="crafts", domains=1), at_once=True)
    assert run_on(evolution, "fake:breaks=duplicate_tool,stubborn=yes") == "done"
    draft = evolutions.draft(drafts(evolution)[0].pk)
    assert draft is not None and draft.stage == "refused"
    found = [finding for finding in draft.rounds[-1]["findings"] if "near-duplicate" in finding["problem"]]
    assert found and "find_member of study_rooms" in found[0]["problem"] and found[0]["line"] > 1
    assert not Domain.objects.filter(origin="evolved").exists() and Release.objects.count() == 1
    with pytest.raises(DraftNotThere):
        accept(actor=ann, draft=draft)
    domain = open_draft(actor=ann, draft=draft)
    assert (domain.status, domain.origin, domain.slug) == ("draft", "evolved", draft.slug) and not domain.releases.exists()
    with pytest.raises(DraftNotThere):
        open_draft(actor=ann, draft=evolutions.draft(draft.pk) or draft)


def test_people_and_wordings_are_drafted_and_accepted(ann: User) -> None:
    wanted = Wanted(personas=2, agents=2, wordings=["study_rooms"], lines=2)
    evolution = evolution_ask(actor=ann, endpoint="writer", wanted=wanted)
    assert run_on(evolution) == "done"
    people = drafts(evolution, "persona")
    assert sorted(draft.work["language"] for draft in people) == ["en", "en", "ko", "ko"]
    accept(actor=ann, draft=people[0])
    accept(actor=ann, draft=drafts(evolution, "agent")[0])
    reject(actor=ann, draft=people[1])
    assert Persona.objects.get().origin == "evolved" and AgentProfile.objects.get().origin == "evolved"
    with pytest.raises(DraftNotThere):
        accept(actor=ann, draft=people[1])
    Persona.objects.update(slug=people[2].slug)
    with pytest.raises(PeopleError):
        accept(actor=ann, draft=people[2])
    assert EvolutionDraft.objects.get(pk=people[2].pk).stage == "passed", "what the catalogue refuses is not decided"
    words = evolutions.draft(drafts(evolution, "wordings")[0].pk)
    assert words is not None and words.stage == "passed"
    release = accept(actor=ann, draft=words)
    assert release is not None and release.number == 2 and release.lineage["parent"] == words.base
    intents = parse_pack(release.pack_text).intents
    assert all(len(intent.phrases["ko"].opening) == 8 for intent in intents.values())
    assert Domain.objects.get(slug="study_rooms").pack_text == release.pack_text, "an unchanged draft follows"


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


def test_a_model_that_never_answers_is_a_recorded_failure(ann: User) -> None:
    evolution = evolution_ask(actor=ann, endpoint="writer", wanted=Wanted(category="crafts", domains=1, agents=1))
    assert run_on(evolution, "fake:mute=world") == "done"
    draft = drafts(evolution)[0]
    assert draft.stage == "failed" and "in 3 tries" in draft.problem and draft.reasks == 2
    assert drafts(evolution, "agent")[0].stage == "passed", "the rest goes on"
    other = evolution_ask(actor=ann, endpoint="writer", wanted=Wanted(categories=1, domains=1, agents=1))
    assert run_on(other, "fake:mute=categories") == "done"
    other.refresh_from_db()
    assert "categories" in other.problems and len(drafts(other, "agent")) == 1


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted(), "domains"),
        (Wanted(categories=2), "domains"),
        (Wanted(domains=3), "domains"),
        (Wanted(categories=1, category="x", domains=1), "domains"),
        (Wanted(category="No Name", domains=1), "category"),
        (Wanted(parent="nobody", domains=1), "parent"),
        (Wanted(wordings=["nobody"]), "wordings"),
        (Wanted(personas=1000), "personas"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(ann: User, wanted: Wanted, field: str) -> None:
    with pytest.raises(EvolutionRefused) as refused:
        evolution_ask(actor=ann, endpoint="writer", wanted=wanted)
    assert refused.value.field == field
    with pytest.raises(EvolutionRefused, match="purposes"):
        evolution_ask(actor=ann, endpoint="nowhere", wanted=Wanted(agents=1))
    assert not Evolution.objects.exists() and author_tasks.evolve.name == EVOLVE in current_app.tasks
