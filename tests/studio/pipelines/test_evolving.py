"""Evolutions with the fake author: what is sound is published with its lineage, what is broken is refused with the right finding."""

from collections.abc import Iterator

import msgspec
import pytest
from celery import current_app
from django.contrib.auth.models import User

from studio.access.audit import entries
from studio.models import Role
from studio.pipelines.evolving import accept, evolution_ask, evolution_run, open_draft, reject
from studio.queue import EVOLVE
from studio.workers import author as author_tasks
from synthesis.adapters.starter_files import draft_template
from synthesis.engine.chat.model import ChatModel
from synthesis.engine.chat.prices import Price
from synthesis.engine.evolution.wanted import Round, Wanted
from synthesis.engine.packs.parse import parse_pack
from synthesis.models import (
    AgentProfile,
    Domain,
    Evolution,
    EvolutionDraft,
    Persona,
    Release,
    Tool,
)
from synthesis.selectors import evolutions
from synthesis.services.catalog import Audited, pack_publish
from synthesis.services.evolution_drafts import DraftNotThere
from synthesis.services.evolutions import EvolutionRefused
from synthesis.services.people import PeopleError
from tests.builders_evolution import an_endpoint
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
    an_endpoint()
    pack = parse_pack(draft_template())
    pack_publish(pack=pack, text=draft_template(), audited=Audited(pack.slug, seeds=[1, 2], variations={"plain": 10}, tried=10))
    yield make_person("ann", Role.AUTHOR)


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
