"""Builders for tests that need evolutions and drafts without a model."""

from typing import Any

from django.utils import timezone

from synthesis.adapters.starter_files import draft_template
from synthesis.engine.evolution.ideas import DomainIdea
from synthesis.engine.evolution.pack_work import PackWork
from synthesis.engine.evolution.wanted import Round, Wanted
from synthesis.engine.packs.findings import Finding
from synthesis.engine.participants.cast import Persona
from synthesis.models import DraftKind, DraftStage, Evolution, EvolutionDraft, ModelEndpoint


def an_endpoint(slug: str = "writer", **more: Any) -> ModelEndpoint:
    """An endpoint for authors."""
    facts = {"base_url": "http://127.0.0.1:1/v1", "model": "fake", "provider": "other", "purposes": ["author"]}
    return ModelEndpoint.objects.get_or_create(slug=slug, defaults={**facts, **more})[0]


def an_evolution(**more: Any) -> Evolution:
    """An evolution that waits for a worker."""
    an_endpoint()
    now = timezone.now()
    facts = {"endpoint": "writer", "wanted": Wanted(category="crafts", domains=1), "asked_by": "ann", "created": now, "asked": now}
    return Evolution.objects.create(**{**facts, **more})


def a_draft(evolution: Evolution, kind: str, slug: str, stage: str, **more: Any) -> EvolutionDraft:
    """A draft of any kind."""
    now = timezone.now()
    facts = {"name": slug.replace("_", " ").capitalize(), "created": now, "updated": now}
    return EvolutionDraft.objects.create(evolution=evolution, kind=kind, slug=slug, stage=stage, **{**facts, **more})


def a_category(evolution: Evolution) -> EvolutionDraft:
    """A key category whose domains are proposed."""
    return a_draft(evolution, DraftKind.CATEGORY, "crafts", DraftStage.DONE)


def a_refused_draft(evolution: Evolution, problem: str = "binds in 0 of 25 worlds.") -> EvolutionDraft:
    """A domain that was refused, with its text and findings."""
    idea = DomainIdea("study_rooms", "Study rooms", "crafts/study_rooms", "A house with rooms in it.")
    finding = Finding("intents.0.bind", problem, "Seed more records that it can use, or ask for less.", 9)
    return a_draft(
        evolution,
        DraftKind.DOMAIN,
        "study_rooms",
        DraftStage.REFUSED,
        parent=a_category(evolution),
        text=draft_template(),
        work=PackWork(idea),
        rounds=[Round(0, [finding]), Round(1, [finding])],
        repairs=1,
        calls=7,
        cost=12_345,
        model="fake",
        prompts={"author_world": "0" * 16},
    )


def a_passed_draft(evolution: Evolution) -> EvolutionDraft:
    """A persona that waits to be accepted."""
    persona = Persona("kite_maker", "Odette Farrow", "Makes kites.", "en", "neutral", "normal", "friendly", 0.0, 3, 3)
    return a_draft(evolution, DraftKind.PERSONA, persona.slug, DraftStage.PASSED, work=persona, model="fake")
