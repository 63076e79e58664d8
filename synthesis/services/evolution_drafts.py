"""What models drafted: kept step by step under the epoch of whoever works, and what becomes of it. Nothing enters the catalogue but through
``draft_accept``, and that only with an audit that was passed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F

from synthesis.engine.chat.model import Usage
from synthesis.engine.evolution.ideas import CategoryIdea, DomainIdea
from synthesis.engine.evolution.pack_work import PackWork
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.cast import AgentProfile, Persona
from synthesis.models import Domain, DraftKind, DraftStage, Evolution, EvolutionDraft, EvolutionStatus, Origin, Release
from synthesis.services.border import clean_json, clean_text
from synthesis.services.catalog import Audited, evolved_publish
from synthesis.services.people import agent_create, persona_create


class Gone(Exception):
    """The evolution is worked on by somebody else by now, paused or cancelled: write nothing."""


class DraftNotThere(ValueError):
    """The draft cannot be decided on as it stands; the text says why."""


class Took(msgspec.Struct, frozen=True):
    """What a structured call took: its prompt, the prompt's digest, usage with re-asks."""

    prompt: str
    digest: str
    usage: Usage
    reasks: int = 0


def categories_keep(*, evolution_id: int, epoch: int, ideas: Sequence[CategoryIdea], took: Took | None, now: datetime) -> None:
    """Keep proposed key categories; the call is counted with the first. Raises Gone."""
    rows = [_row(DraftKind.CATEGORY, idea.name, idea.name, idea.description, DraftStage.DOMAINS) for idea in ideas]
    _keep(evolution_id, epoch, rows, took, now)


def domains_keep(*, evolution_id: int, epoch: int, category_id: int, ideas: Sequence[DomainIdea], took: Took, now: datetime) -> None:
    """Keep the domains proposed for a category, which is done then; the call is counted with it. Raises Gone."""
    rows = [
        _row(DraftKind.DOMAIN, idea.slug, idea.name, idea.description, DraftStage.OUTLINE, parent_id=category_id, work=PackWork(idea))
        for idea in ideas
    ]
    with transaction.atomic():
        _guard(evolution_id, epoch)
        EvolutionDraft.objects.bulk_create(_made(evolution_id, row, now) for row in rows)
        _write(category_id, {"stage": DraftStage.DONE}, took, now)


def people_keep(*, evolution_id: int, epoch: int, people: Sequence[Persona | AgentProfile], took: Took, now: datetime) -> None:
    """Keep personas or agent profiles, which wait to be accepted; the call is counted with the first. Raises Gone."""
    rows = [
        _row(DraftKind.PERSONA, one.slug, one.name, one.background, DraftStage.PASSED, work=one)
        if isinstance(one, Persona)
        else _row(DraftKind.AGENT, one.slug, one.role, " ".join(one.rules), DraftStage.PASSED, work=one)
        for one in people
    ]
    _keep(evolution_id, epoch, rows, took, now)


def wordings_begin(*, evolution_id: int, epoch: int, releases: Sequence[Release], now: datetime) -> None:
    """Begin a draft of more wordings for each of these releases. Raises Gone."""
    rows = [
        _row(
            DraftKind.WORDINGS,
            release.domain.slug,
            release.domain.name,
            "",
            DraftStage.LINES,
            text=release.pack_text,
            base=release.digest,
            domain_id=release.domain_id,
            work=[],
        )
        for release in releases
    ]
    _keep(evolution_id, epoch, rows, None, now)


def draft_step(*, draft: EvolutionDraft, epoch: int, changes: dict[str, Any], took: Took | None, now: datetime) -> None:
    """Keep what one step made of a draft. Raises Gone."""
    with transaction.atomic():
        _guard(draft.evolution_id, epoch)
        _write(draft.pk, changes, took, now)


def problem_keep(*, evolution_id: int, epoch: int, step: str, problem: str) -> None:
    """Note that a step that belongs to no draft failed, so that it is not tried for ever. Raises Gone."""
    with transaction.atomic():
        _guard(evolution_id, epoch)
        row = Evolution.objects.get(pk=evolution_id)
        Evolution.objects.filter(pk=evolution_id).update(problems={**row.problems, step: clean_text(problem)})


def draft_accept(*, draft: EvolutionDraft, pack: Pack | None, by: str, now: datetime) -> Release | None:
    """Publish a draft that passed: a pack as a release with its lineage, a person as one that new runs cast. Returns the release, if any.

    Raises DraftNotThere when it is not waiting, DraftRefused when the catalogue has moved on, PeopleError.
    """
    with transaction.atomic():
        _decided(draft, DraftStage.PUBLISHED, by, now)
        release = None
        if draft.kind == DraftKind.PERSONA:
            persona_create(persona=msgspec.convert(draft.work, Persona), now=now, origin=Origin.EVOLVED)
        elif draft.kind == DraftKind.AGENT:
            agent_create(agent=msgspec.convert(draft.work, AgentProfile), now=now, origin=Origin.EVOLVED)
        else:
            assert pack is not None and draft.audited is not None
            release = evolved_publish(
                pack=pack,
                text=draft.text,
                audited=msgspec.convert(draft.audited, Audited),
                lineage=lineage_of(draft, by),
                base=draft.base,
                parent=draft.evolution.wanted.get("parent", ""),
            )
            EvolutionDraft.objects.filter(pk=draft.pk).update(release=release, domain=release.domain_id)
        return release


def draft_reject(*, draft: EvolutionDraft, by: str, now: datetime) -> None:
    """Keep a draft that passed out of the catalogue. Raises DraftNotThere when it is not waiting."""
    with transaction.atomic():
        _decided(draft, DraftStage.REJECTED, by, now)


def draft_opened(*, draft: EvolutionDraft, domain: Domain) -> None:
    """Note the domain as whose draft a person opened what failed."""
    EvolutionDraft.objects.filter(pk=draft.pk).update(domain=domain)


def lineage_of(draft: EvolutionDraft, by: str) -> dict[str, Any]:
    """Where a release came from. ``cost`` in millionths, of this draft alone."""
    return {
        "origin": Domain.Origin.EVOLVED,
        "author": by,
        "model": draft.model,
        "endpoint": draft.evolution.endpoint,
        "prompts": draft.prompts,
        "cost": draft.cost,
        "calls": draft.calls,
        "repairs": draft.repairs,
        "evolution": draft.evolution_id,
        "draft": draft.pk,
    }


def _decided(draft: EvolutionDraft, stage: str, by: str, now: datetime) -> None:
    """Of two people who decide at once the first one does."""
    waiting = EvolutionDraft.objects.filter(pk=draft.pk, stage=DraftStage.PASSED)
    if not waiting.update(stage=stage, decided_by=by[:150], decided=now, updated=now):
        raise DraftNotThere("It is not waiting to be accepted, or no more.")


def _guard(evolution_id: int, epoch: int) -> None:
    """The evolution is the caller's, and a step of it is done. Raises Gone."""
    mine = Evolution.objects.filter(pk=evolution_id, epoch=epoch, status=EvolutionStatus.WORKING)
    if not mine.update(lost=0, waits=0):
        raise Gone


def _keep(evolution_id: int, epoch: int, rows: Sequence[dict[str, Any]], took: Took | None, now: datetime) -> None:
    with transaction.atomic():
        _guard(evolution_id, epoch)
        made = EvolutionDraft.objects.bulk_create(_made(evolution_id, row, now) for row in rows)
        if took and made:
            _write(made[0].pk, {}, took, now)


def _row(kind: str, slug: str, name: str, description: str, stage: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "slug": slug[:80], "name": clean_text(name)[:200], "description": clean_text(description), "stage": stage, **more}


def _made(evolution_id: int, row: dict[str, Any], now: datetime) -> EvolutionDraft:
    work = row.pop("work", None)
    return EvolutionDraft(evolution_id=evolution_id, work=_clean(work), created=now, updated=now, **row)


def _clean(value: Any) -> Any:
    return None if value is None else clean_json(msgspec.to_builtins(value)).value


def _write(draft_id: int, changes: dict[str, Any], took: Took | None, now: datetime) -> None:
    changed = {name: _clean(value) if name in {"work", "rounds", "audited"} else value for name, value in changes.items()}
    for name in ("text", "problem"):
        if name in changed:
            changed[name] = clean_text(changed[name])
    if took:
        row = EvolutionDraft.objects.only("prompts").get(pk=draft_id)
        changed |= {
            "calls": F("calls") + 1,
            "reasks": F("reasks") + took.reasks,
            "cost": F("cost") + took.usage.cost,
            "prompts": {**row.prompts, took.prompt: took.digest},
        }
        if took.usage.model:
            changed["model"] = clean_text(took.usage.model)[:200]
    EvolutionDraft.objects.filter(pk=draft_id).update(updated=now, **changed)
